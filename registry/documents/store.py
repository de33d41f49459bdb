"""Reading documents, with MongoDB's failures told in our words."""

from collections.abc import Iterator
from contextlib import contextmanager

import pymongo
from pymongo import ASCENDING
from pymongo.errors import PyMongoError

from registry.exceptions import StoreUnavailableError

from .connection import Body, collection, database, guarded_by_breaker


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn to MongoDB through its breaker; turn the driver's errors into one that says what to do.

    Raises:
        StoreUnavailableError: MongoDB did not answer in time, or just before.
    """
    try:
        with guarded_by_breaker():
            yield
    except PyMongoError as error:
        raise StoreUnavailableError(
            "MongoDB does not answer, so bodies can't be shown. Run `manage.py doctor` to see why."
        ) from error


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


def find_log_buckets(run_id: str, kind: str, limit: int) -> list[Body]:
    """The first buckets of a run's log, at most ``limit`` of them."""
    with told_plainly():
        found = collection("run_logs").find({"run_id": run_id, "kind": kind})
        return list(found.sort("bucket", ASCENDING).limit(limit))
