"""A transaction of PostgreSQL too large for one of MongoDB: written in pieces, in any order, checkpoint last.

Until then readers may see a part, and a death repeats it whole. Ends of rows are the same however often they
are written, but for what is read of documents: a row that gets another key takes along what was not sent of
it, and the document that had it may be another row's by now. So what was read is kept before the first piece.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import bson
from bson import Int64
from bson.errors import BSONError
from pymongo import UpdateOne
from pymongo.client_session import ClientSession

from registry.crash_points import crash_point
from registry.documents.captured import MOVED, collection_of
from registry.documents.connection import Body, collection, guarded_by_breaker
from registry.documents.transactions import in_one_transaction

from .checkpoint import Checkpoint
from .document_folding import folded
from .document_writes import delete_stale, or_carefully, write_rows
from .folding import RowState
from .messages import Transaction

PIECE_ROWS, PIECE_BYTES = 10_000, 8 * 1024**2
Item = TypeVar("Item")


def apply_in_pieces(transaction: Transaction, before: Checkpoint) -> Checkpoint:
    """Apply one transaction; returns the checkpoint after it."""
    moved = _Moved(before, transaction.end_lsn)
    fold, forms = folded([transaction], before, moved.read)
    moved.keep()
    counts = Counter(fold.counts)
    for end in fold.tables.values():
        if end.is_emptied:
            # What an earlier attempt at the same has written may stay.
            delete_stale(end.table, transaction.end_lsn, before, PIECE_ROWS)
        for piece in in_pieces(end.rows.values(), lambda state: state.body):
            counts += _write_piece(end.table, piece, before)
            crash_point("capture.after_piece")
    after = before.after([transaction], counts, forms)
    stored = in_one_transaction(before.name, lambda session: after.move_from(before, session))
    forget_moved(before.name)  # where this dies before, the next one does
    return stored


def in_pieces(items: Iterable[Item], body_of: Callable[[Item], Body | None]) -> Iterator[list[Item]]:
    """All items, so many rows and bytes at once."""
    piece: list[Item] = []
    total = 0
    for item in items:
        size = _size(body_of(item))
        if piece and (len(piece) >= PIECE_ROWS or total + size > PIECE_BYTES):
            yield piece
            piece, total = [], 0
        piece.append(item)
        total += size
    if piece:
        yield piece


def _size(body: Body | None) -> int:
    try:
        return len(bson.encode(body)) if body else 0
    except (BSONError, OverflowError, UnicodeError):  # it will be a stub
        return 0


def _write_piece(table: str, piece: Sequence[RowState], checkpoint: Checkpoint) -> Counter[str]:
    def write(is_careful: bool) -> Counter[str]:  # noqa: FBT001 (asked by position)
        def work(session: ClientSession) -> Counter[str]:
            checkpoint.hold(session)
            return write_rows(table, piece, session, is_careful=is_careful)

        return in_one_transaction(checkpoint.name, work)

    return or_carefully(write)


class _Moved:
    """Documents that rows move away from, as they were before the first piece of the first attempt."""

    def __init__(self, checkpoint: Checkpoint, lsn: int) -> None:
        self._checkpoint, self._lsn = checkpoint, lsn
        self._new: list[Body] = []

    def read(self, table: str, identity: Any) -> Body | None:
        """The document; in this order, since no piece is written before what was read is kept."""
        key = {"consumer": self._checkpoint.name, "lsn": Int64(self._lsn), "table": table, "key": identity}
        with guarded_by_breaker():
            body: Body | None = collection(collection_of(table)).find_one({"_id": identity})
            kept = collection(MOVED).find_one({"_id": key})
        if kept is None:
            self._new.append({"_id": key, "body": body})
            return body
        found: Body | None = kept["body"]
        return found

    def keep(self) -> None:
        """Store what was read and is not stored."""
        for piece in in_pieces(self._new, lambda body: body):
            writes = [
                UpdateOne({"_id": each["_id"]}, {"$setOnInsert": {"body": each["body"]}}, upsert=True)
                for each in piece
            ]

            def work(session: ClientSession, writes: Sequence[UpdateOne] = writes) -> None:
                self._checkpoint.hold(session)
                collection(MOVED).bulk_write(writes, session=session)

            in_one_transaction(self._checkpoint.name, work)


def was_begun(name: str, lsn: int) -> bool:
    """Whether what was read of documents for this transaction is kept: then only pieces can finish it."""
    with guarded_by_breaker():
        return collection(MOVED).find_one({"_id.consumer": name, "_id.lsn": lsn}, {"_id": 1}) is not None


def forget_moved(name: str) -> None:
    """Delete what was kept for a consumer's transactions in pieces, which are through."""
    with guarded_by_breaker():
        collection(MOVED).delete_many({"_id.consumer": name})
