"""Reading documents, with MongoDB's failures told in our words."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pymongo
from pymongo import ASCENDING
from pymongo.errors import ExecutionTimeout, PyMongoError

from registry.exceptions import StoreUnavailableError

from .connection import Body, collection, database, guarded_by_breaker

BULK_SECONDS = 60.0


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn to MongoDB through its breaker; turn the driver's errors into one that says what to do.

    Raises:
        StoreUnavailableError: MongoDB did not answer in time, or just before.
    """
    try:
        with guarded_by_breaker():
            yield
    except ExecutionTimeout as error:
        raise StoreUnavailableError(
            "MongoDB did not finish in time. Ask for less by a narrower filter, or run `manage.py doctor`."
        ) from error
    except PyMongoError as error:
        raise StoreUnavailableError(
            "MongoDB does not answer, so bodies can't be shown. Run `manage.py doctor` to see why."
        ) from error


def ask_for_a_sign() -> None:
    """Ask MongoDB, through its breaker and within the usual deadline, whether it is there.

    Raises:
        StoreUnavailableError: it did not answer.
    """
    with told_plainly():
        database().client.admin.command("ping")


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Give all reads inside this long together, shorter than MongoDB's own deadline: for pages."""
    with pymongo.timeout(seconds):
        yield


@contextmanager
def patiently(seconds: float) -> Iterator[None]:
    """Give long reads this much time, a server that is away only the usual: it is asked for a sign first.

    Raises:
        StoreUnavailableError: MongoDB did not answer.
    """
    with told_plainly():
        database().client.admin.command("ping")
        with pymongo.timeout(seconds):
            yield


def find_run_body(run_id: str) -> Body | None:
    """A run's document as it is stored; None also for a purged run's tombstone."""
    with told_plainly():
        return collection("runs").find_one({"_id": run_id, "purged_at": {"$exists": False}})


def find_run_bodies(run_ids: Sequence[str], *, fields: Sequence[str], most_bytes: int) -> list[Body]:
    """These fields of many runs' documents, in one read; of larger ones only ``_id``, ``v`` and ``bytes``."""
    size = {"$bsonSize": "$$ROOT"}
    kept = {
        name: {"$cond": [{"$lte": [size, most_bytes]}, {"$ifNull": [f"${name}", "$$REMOVE"]}, "$$REMOVE"]}
        for name in fields
    }
    wanted = {"_id": {"$in": list(run_ids)}, "purged_at": {"$exists": False}}
    with told_plainly():
        found = collection("runs").aggregate(
            [{"$match": wanted}, {"$project": {"v": 1, "bytes": size} | kept}]
        )
        return list(found)


def find_log_buckets_of(run_ids: Sequence[str], kind: str) -> list[Body]:
    """All buckets of one kind of these runs' logs; a read for work in bulk, of up to a minute."""
    with patiently(BULK_SECONDS):
        return list(collection("run_logs").find({"run_id": {"$in": list(run_ids)}, "kind": kind}))


def find_log_buckets(run_id: str, kind: str, limit: int) -> list[Body]:
    """The first buckets of a run's log, at most ``limit`` of them."""
    with told_plainly():
        found = collection("run_logs").find({"run_id": run_id, "kind": kind})
        return list(found.sort("bucket", ASCENDING).limit(limit))
