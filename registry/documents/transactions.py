"""One transaction of MongoDB, tried again as a whole, and rid of what a dead writer left open.

A process that dies inside a transaction leaves it open, with its locks, until MongoDB ends it after a minute.
So a writer has a name and one session, whose id is stored; its successor kills that session before it begins.
This also stops a writer that only slept.
"""

import time
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

import mongoengine
import pymongo
from bson import Binary
from pymongo import MongoClient
from pymongo.client_session import ClientSession
from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern

from .connection import DURABLE, Body, collection, database, guarded_by_breaker

Result = TypeVar("Result")
WRITERS = "transaction_writers"
PATIENCE_SECONDS = 15.0
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.02, 1.0
LABELS = ("TransientTransactionError", "UnknownTransactionCommitResult", "RetryableWriteError")
# LockTimeout, WriteConflict, NoSuchTransaction, interrupted by a shutdown or by a change of primary
TRANSIENT_CODES = {24, 112, 251, 11600, 11602}
_sessions: dict[str, tuple[MongoClient[Body], ClientSession]] = {}


def in_one_transaction(
    writer: str,
    work: Callable[[ClientSession], Result],
    *,
    seconds: float = 20.0,
) -> Result:
    """Do the work in one transaction, majority and journal, and try all of it again where MongoDB faltered.

    A commit whose outcome is unknown is tried again too: the work itself must see that it was done.

    Args:
        writer: who writes; of one name there is one at a time.
        work: given the session to hand to every call; may be called more than once.
        seconds: for one attempt.

    Raises:
        PyMongoError: MongoDB refused the work, or stayed away for longer than 15 s.
    """
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    pause = FIRST_PAUSE_SECONDS
    while True:
        try:
            return _attempt(writer, work, seconds)
        except PyMongoError as error:
            if not is_transient(error) or time.monotonic() + pause > give_up_at:
                raise
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


def is_transient(error: PyMongoError) -> bool:
    """Whether the same may well succeed a moment later."""
    if isinstance(error, ConnectionFailure) or any(map(error.has_error_label, LABELS)):
        return True
    return error.timeout or (isinstance(error, OperationFailure) and error.code in TRANSIENT_CODES)


def _attempt(writer: str, work: Callable[[ClientSession], Result], seconds: float) -> Result:
    with guarded_by_breaker():
        session = _session_of(writer)
        with (
            pymongo.timeout(seconds),
            session.start_transaction(read_concern=ReadConcern("snapshot"), write_concern=DURABLE),
        ):
            return work(session)


def _session_of(writer: str) -> ClientSession:
    """This process's session as that writer; the first time, the one before is killed."""
    client: Any = mongoengine.get_connection()
    known = _sessions.get(writer)
    if known is None or known[0] is not client:
        session = client.start_session()
        _succeed(writer, UUID(bytes=session.session_id["id"]))
        known = _sessions[writer] = client, session
    return known[1]


def _succeed(writer: str, own: UUID) -> None:
    """Note the session as the writer's, once the one before is killed."""
    writers = collection(WRITERS)
    before = writers.find_one({"_id": writer})
    if before and before["session"] != own:
        database().command({"killSessions": [{"id": Binary.from_uuid(before["session"])}]})
    writers.replace_one({"_id": writer}, {"session": own}, upsert=True)
