"""Writing the ends of tables into MongoDB, inside a transaction that somebody else began."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from bson import MinKey
from pymongo import DeleteOne, ReplaceOne, UpdateOne
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, DocumentTooLarge, OperationFailure, PyMongoError

from registry.documents.captured import collection_of
from registry.documents.connection import Body, collection, guarded_by_breaker
from registry.documents.plain import packed
from registry.documents.transactions import in_one_transaction
from registry.exceptions import BadInputError

from .checkpoint import Checkpoint
from .folding import RowState, TableEnd

# BadValue, Overflow, a document too large (three ways to say it)
REFUSAL_CODES = {2, 15, 10334, 17419, 17280}
DUPLICATE = 11000
Operation = DeleteOne | ReplaceOne[Body] | UpdateOne
Result = TypeVar("Result")


def or_carefully(write: Callable[[bool], Result]) -> Result:
    """Write; where MongoDB refuses a document, again with care. ``write`` is told whether to take care.

    Without care a row that should be new is inserted, in half the time; with it, every document takes the
    place of what may be there, and one that MongoDB can't hold becomes a stub that says so.
    """
    try:
        return write(False)
    except (PyMongoError, OverflowError, UnicodeError) as error:
        if isinstance(error, PyMongoError) and not _calls_for_care(error):
            raise
        return write(True)


def _calls_for_care(error: PyMongoError) -> bool:
    codes = {error.code} if isinstance(error, OperationFailure) else set()
    if isinstance(error, BulkWriteError):
        codes = {each["code"] for each in error.details.get("writeErrors", ())}
    return isinstance(error, DocumentTooLarge) or not codes.isdisjoint({*REFUSAL_CODES, DUPLICATE})


def write_table(end: TableEnd, session: ClientSession, *, is_careful: bool) -> Counter[str]:
    """Write a table's end; returns how many rows were ``refused``, and how many ``unfound``."""
    if end.is_emptied:
        collection(collection_of(end.table)).delete_many({}, session=session)
    return write_rows(end.table, end.rows.values(), session, is_careful=is_careful)


def write_rows(
    table: str, states: Iterable[RowState], session: ClientSession, *, is_careful: bool
) -> Counter[str]:
    """Write the last states of some rows of a table, in any order: each is there once."""
    rows = collection(collection_of(table))
    counts: Counter[str] = Counter()
    if is_careful:
        states = [storable(state, rows, session) for state in states]
        counts["refused"] = sum(1 for state in states if state.body and "_refused" in state.body)
    new: list[Body] = []
    operations: list[Operation] = []
    for state in states:
        if state.is_new and state.body and not state.unsent and not is_careful:
            new.append(state.body)
        else:
            operations.append(_operation(state))
    if new:
        rows.insert_many(new, ordered=False, session=session)
    if operations:
        wanted = sum(1 for each in operations if not isinstance(each, DeleteOne))
        done = rows.bulk_write(operations, ordered=False, session=session)
        counts["unfound"] = wanted - done.matched_count - done.upserted_count
    return +counts


def delete_stale(table: str, lsn: int, checkpoint: Checkpoint, size: int) -> None:
    """Delete the documents that another position than this wrote last, in transactions of at most this many.

    Each document is read once, outside of them: there may be millions, and few to delete.
    """
    rows = collection(collection_of(table))
    for identities in _stale(rows, lsn, size):

        def work(session: ClientSession, identities: Sequence[Any] = identities) -> None:
            checkpoint.hold(session)
            rows.delete_many({"_id": {"$in": identities}, "_lsn": {"$ne": lsn}}, session=session)

        in_one_transaction(checkpoint.name, work)


def _stale(rows: Collection[Body], lsn: int, size: int) -> Iterator[list[Any]]:
    """Ids by ranges. ``min`` goes on through ids of every type, which a condition on ``_id`` would not."""
    beginning: Any = MinKey()
    is_last = False
    while not is_last:
        found = rows.find({}, {"_lsn": 1}).min([("_id", beginning)]).hint([("_id", 1)])
        with guarded_by_breaker():
            page = list(found.sort("_id").limit(size + 1))
        is_last = len(page) <= size
        if identities := [each["_id"] for each in page[:size] if each["_lsn"] != lsn]:
            yield identities
        beginning = page[-1]["_id"] if page else beginning


def storable(state: RowState, rows: Any, session: ClientSession) -> RowState:
    """The state itself, or where its document passes MongoDB's limits, one that says so in ``_refused``."""
    if state.body is None:
        return state
    kept = (rows.find_one({"_id": state.identity}, session=session) or {}) if state.unsent else {}
    kept = {field: kept[name] for field, names in state.unsent.items() for name in names[:1] if name in kept}
    try:
        packed(kept | state.body, where="The row")
    except BadInputError as error:
        ours = {name: state.body[name] for name in ("_id", "_lsn", "_schema")}
        return RowState(state.identity, ours | {"_refused": str(error)})
    return state


def _operation(state: RowState) -> Operation:
    if state.body is None:
        return DeleteOne({"_id": state.identity})
    if not state.unsent:
        return ReplaceOne({"_id": state.identity}, state.body, upsert=True)
    kept = {field: _first_of(names) for field, names in state.unsent.items()} | {"_refused": "$_refused"}
    merged = {"$mergeObjects": [kept, {"$literal": state.body}]}
    # No upsert: without the document that has the rest, there is no whole row to write.
    return UpdateOne({"_id": state.identity}, [{"$replaceWith": merged}])


def _first_of(names: Sequence[str]) -> Any:
    read = [{"$getField": name} for name in names]
    return read[0] if len(read) == 1 else {"$ifNull": read}
