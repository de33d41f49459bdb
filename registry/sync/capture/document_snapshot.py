"""Copying a snapshot into the collections of captured tables, in the place of what is there.

Rows are replaced by key, so readers never find a collection empty; what the snapshot did not write is deleted
when its table is through. It is known by its ``_lsn``: all that a snapshot writes has the snapshot's own
position, which no other has. A copy that dies leaves no checkpoint; the next one does all of it.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bson import Int64
from django.db import connection
from pymongo.client_session import ClientSession

from registry.crash_points import crash_point
from registry.documents.captured import CHECKPOINTS, collection_of, create_for
from registry.documents.connection import collection, database, guarded_by_breaker
from registry.documents.transactions import in_one_transaction

from .checkpoint import Checkpoint, OvertakenError, load
from .consumers import Position, Snapshot
from .document_pieces import forget_moved
from .document_writes import delete_stale, or_carefully, write_rows
from .folding import RowState
from .row_documents import RowShape, Values, row_shape
from .snapshot_rows import SnapshotReader, SnapshotTable, snapshot_reader
from .table_forms import TableForm, columns_of

BATCH_ROWS = 5_000


def copy_snapshot(name: str, tables: Sequence[str], snapshot: Snapshot) -> None:
    """Copy tables, and store the position that the stream goes on from.

    Raises:
        CaptureError: a table can't be captured; nothing is applied before that is mended.
        PyMongoError: MongoDB is away.
        psycopg2.Error: PostgreSQL is away.
    """
    with snapshot_reader(snapshot.name) as reader:
        found = [reader.table(table) for table in tables]
        checkpoint = _begun(name, snapshot, found)
        for table in found:
            _Copy(reader, table, checkpoint, snapshot.lsn).run()
    _drop_others(checkpoint)
    now = dt.datetime.now(dt.UTC)
    whole = replace(
        checkpoint,
        position=Position(snapshot.lsn),
        snapshot=checkpoint.snapshot | {"ended_at": now, "others": []},
    )
    in_one_transaction(name, lambda session: whole.move_from(checkpoint, session))
    forget_moved(name)


def forgotten(name: str) -> None:
    """Mark the documents as not whole; what was about to write them writes nothing any more."""
    mark = {"$set": {"lsn": None}, "$inc": {"generation": 1}}
    in_one_transaction(
        name, lambda session: collection(CHECKPOINTS).update_one({"_id": name}, mark, session=session)
    )


class _Copy:
    """Copies one table."""

    def __init__(
        self, reader: SnapshotReader, table: SnapshotTable, checkpoint: Checkpoint, lsn: int
    ) -> None:
        self._reader, self._table, self._checkpoint, self._lsn = reader, table, checkpoint, lsn
        self._name = table.relation.table
        self._shape: RowShape = row_shape(table.relation, checkpoint.forms[self._name])
        self._rows = 0
        with guarded_by_breaker():
            self._is_first = collection(collection_of(self._name)).find_one({}, {"_id": 1}) is None

    def run(self) -> None:
        self._reader.read(self._table, BATCH_ROWS, self._take)
        if not self._is_first:
            delete_stale(self._name, self._lsn, self._checkpoint, BATCH_ROWS)

    def _take(self, rows: Sequence[Values]) -> None:
        bodies = [self._shape.document(row, self._lsn)[1] for row in rows]
        states = [RowState(body["_id"], body, is_new=self._is_first) for body in bodies]
        self._rows += len(rows)
        told = self._checkpoint.snapshot
        told["rows"][self._name] = Int64(self._rows)
        note = {"snapshot": told | {"table": self._name, "about": Int64(self._table.about)}}

        def write(is_careful: bool) -> None:  # noqa: FBT001 (asked by position)
            def work(session: ClientSession) -> None:
                self._checkpoint.hold(session, note)
                write_rows(self._name, states, session, is_careful=is_careful)

            in_one_transaction(self._checkpoint.name, work)

        or_carefully(write)
        crash_point("capture.in_snapshot")


def _begun(name: str, snapshot: Snapshot, tables: Sequence[SnapshotTable]) -> Checkpoint:
    """Make collections, and a checkpoint that says that a copy is on its way."""
    names = [table.relation.table for table in tables]
    with guarded_by_breaker():
        for table in names:
            create_for(table)
        before = load(name)
        known = {**before.forms} if before else {}
        others = {*known, *(before.snapshot["others"] if before else ())} - {*names}
        begun = Checkpoint(
            name=name,
            generation=before.generation + 1 if before else 1,
            system=system_name(),
            position=None,
            forms={table.relation.table: _form(table, snapshot.lsn, known) for table in tables},
            snapshot={
                "lsn": Int64(snapshot.lsn),
                "began_at": dt.datetime.now(dt.UTC),
                "rows": {},
                "others": sorted(others),
            },
        )
    in_one_transaction(name, lambda session: _take_over(before, begun, session))
    return begun


def _take_over(before: Checkpoint | None, begun: Checkpoint, session: ClientSession) -> None:
    """Store that the copy has begun, unless another has meanwhile: of one generation there is one writer."""
    now = load(begun.name, session)
    if now is not None and (now.generation, now.snapshot["lsn"]) == (begun.generation, begun.snapshot["lsn"]):
        return  # by an attempt whose answer was lost
    if (now and now.generation) != (before and before.generation):
        raise OvertakenError("Another process begins a copy; this one stops.")
    collection(CHECKPOINTS).replace_one({"_id": begun.name}, begun.stored(), upsert=True, session=session)


def _form(table: SnapshotTable, lsn: int, known: Mapping[str, TableForm]) -> TableForm:
    """Numbers go on, since documents of earlier forms are there until the copy is through."""
    columns = columns_of(table.relation)
    before = known.get(table.relation.table)
    number = 1 if before is None else before.number + (before.columns != columns)
    return TableForm(table.key, columns, since=lsn, number=number)


def _drop_others(checkpoint: Checkpoint) -> None:
    """Drop what was captured once and is not any more."""
    with guarded_by_breaker():
        for table in checkpoint.snapshot["others"]:
            database().drop_collection(collection_of(table))


def system_name() -> str:
    """PostgreSQL's own name of its data folder, which a restored dump does not have."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT system_identifier::text FROM pg_control_system()")
        return str(cursor.fetchone()[0])
