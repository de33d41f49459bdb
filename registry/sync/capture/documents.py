"""The consumer ``documents``: captured tables as collections of MongoDB (:mod:`registry.documents.captured`).

Rows and checkpoint are written in one transaction of MongoDB, so what is applied and how far it goes can't
differ: whatever dies, nothing is lost and nothing is applied twice. Several transactions of PostgreSQL may
share one of MongoDB; one is never split, unless it passes ``MOST_ROWS`` or ``MOST_BYTES``, or empties so
large a table: :mod:`.document_pieces`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError

from registry.crash_points import crash_point
from registry.documents.captured import collection_of
from registry.documents.connection import Body, collection, guarded_by_breaker
from registry.documents.transactions import in_one_transaction
from registry.sync.targets import TargetUnavailableError

from .checkpoint import Checkpoint, load
from .consumers import Position, Snapshot
from .document_folding import folded
from .document_pieces import apply_in_pieces, was_begun
from .document_snapshot import copy_snapshot, forgotten, system_name
from .document_writes import or_carefully, write_table
from .messages import CaptureError, Transaction

# In one transaction of MongoDB, whose cache must hold it: one of 256 MB (the embedded one) refuses 62 MB.
MOST_ROWS, MOST_BYTES = 60_000, 24 * 1024**2
ATTEMPT_SECONDS, SECONDS_A_ROW = 10.0, 1 / 2_000


class DocumentsConsumer:
    """Keeps a collection for each captured table; another name has a checkpoint and a slot of its own."""

    title = "MongoDB (documents)"
    is_cheap_to_begin = False

    def __init__(self, name: str = "documents", tables: Sequence[str] = ()) -> None:
        self.name, self._tables = name, tables
        # As this process left it: every write moves it from there or fails, so it need not be read each time.
        self._checkpoint: Checkpoint | None = None

    @property
    def tables(self) -> Sequence[str]:
        """Those that it was given, else ``CAPTURED_TABLES``."""
        usual: Sequence[str] = settings.CAPTURED_TABLES
        return self._tables or usual

    def position(self) -> Position | None:
        """How far the documents are; None while no snapshot is whole."""
        with _told(), guarded_by_breaker():
            checkpoint = load(self.name)
        return None if checkpoint is None else checkpoint.position

    def notes(self) -> Sequence[str]:
        """A copy under way, tables that changed since theirs, rows that are not there as they should be."""
        with _told(), guarded_by_breaker():
            checkpoint = load(self.name)
        return [] if checkpoint is None else list(checkpoint.notes())

    def snapshot(self, snapshot: Snapshot) -> None:
        """Put what the snapshot shows in the place of what is there, then delete what it does not show."""
        self._checkpoint = None
        with _told():
            copy_snapshot(self.name, self.tables, snapshot)

    def forget(self) -> None:
        """Have the next run begin with a snapshot; the documents stay readable until it replaces them."""
        self._checkpoint = None
        with _told():
            forgotten(self.name)

    def apply(self, transactions: Sequence[Transaction]) -> None:
        """Apply transactions whole and in order, with their position."""
        checkpoint, self._checkpoint = self._checkpoint, None
        with _told():
            checkpoint = checkpoint or self._stored()
            if checkpoint.position is None:
                raise CaptureError("The snapshot is not whole. Begin anew: manage.py cdc reset.")
            after = checkpoint.position.lsn
            for group, weight in _groups(self.name, [each for each in transactions if each.end_lsn > after]):
                checkpoint = _apply_group(group, checkpoint, weight)
        self._checkpoint = checkpoint

    def _stored(self) -> Checkpoint:
        checkpoint = load(self.name)
        if checkpoint is None or checkpoint.system != system_name():
            raise CaptureError("There is no checkpoint of this PostgreSQL. Begin anew: manage.py cdc reset.")
        return checkpoint


def _groups(name: str, transactions: Sequence[Transaction]) -> Iterator[tuple[list[Transaction], int]]:
    """Those that share a transaction of MongoDB, and their weight; one that is too heavy is by itself."""
    group: list[Transaction] = []
    total = 0
    for transaction in transactions:
        weight = _weight(name, transaction)
        if group and total + weight > MOST_ROWS:
            yield group, total
            group, total = [], 0
        group.append(transaction)
        total += weight
    if group:
        yield group, total


def _weight(name: str, transaction: Transaction) -> int:
    """What a transaction asks of MongoDB, in rows: written or emptied, or as many as its bytes weigh."""
    emptied = {each.relation.table for each in transaction.changes if each.kind == "truncate"}
    with guarded_by_breaker():
        gone = sum(collection(collection_of(table)).estimated_document_count() for table in emptied)
    if emptied and was_begun(name, transaction.end_lsn):  # there were more
        gone = MOST_ROWS + 1
    return max(len(transaction.changes) + gone, transaction.size_bytes * MOST_ROWS // MOST_BYTES)


def _apply_group(group: Sequence[Transaction], checkpoint: Checkpoint, weight: int) -> Checkpoint:
    if weight > MOST_ROWS:
        return apply_in_pieces(group[-1], checkpoint)
    return or_carefully(lambda is_careful: _apply_whole(group, checkpoint, weight, is_careful=is_careful))


def _apply_whole(
    group: Sequence[Transaction], before: Checkpoint, weight: int, *, is_careful: bool
) -> Checkpoint:
    def work(session: ClientSession) -> Checkpoint:
        def read(table: str, identity: Any) -> Body | None:
            return collection(collection_of(table)).find_one({"_id": identity}, session=session)

        fold, forms = folded(group, before, read)
        counts = Counter(fold.counts)
        for end in fold.tables.values():
            counts += write_table(end, session, is_careful=is_careful)
        crash_point("capture.before_checkpoint")
        return before.after(group, counts, forms).move_from(before, session)

    return in_one_transaction(before.name, work, seconds=ATTEMPT_SECONDS + weight * SECONDS_A_ROW)


@contextmanager
def _told() -> Iterator[None]:
    """MongoDB's faults in the capture's words: it is away, and the same is asked again."""
    try:
        yield
    except PyMongoError as error:
        raise TargetUnavailableError(f"MongoDB: {error}") from error
