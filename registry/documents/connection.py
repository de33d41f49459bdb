"""The one connection to MongoDB."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import mongoengine
from django.conf import settings
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import AutoReconnect, ConnectionFailure, OperationFailure
from pymongo.write_concern import WriteConcern

from registry.breakers import MONGODB

DURABLE = WriteConcern(w="majority", j=True)
Body = dict[str, Any]


class MongoSuspendedError(AutoReconnect):
    """MongoDB failed a moment ago and is left alone for a while; for the caller, as if it were away."""


def database_name() -> str:
    """The database: ``MONGODB_DATABASE`` (tests), else the URL's path, else ``mlplatform``."""
    named: str | None = getattr(settings, "MONGODB_DATABASE", None)
    return named or urlsplit(settings.MONGODB_URL).path.lstrip("/") or "mlplatform"


def register() -> None:
    """Tell mongoengine where MongoDB is. Nothing connects until the first operation.

    Every operation has a deadline (``timeoutMS``) that also fires on a hung server.
    """
    mongoengine.disconnect()
    MONGODB.reset()
    mongoengine.connect(
        db=database_name(),
        host=settings.MONGODB_URL,
        uuidRepresentation="standard",
        tz_aware=True,
        timeoutMS=settings.MONGODB_TIMEOUT_MS,
        serverSelectionTimeoutMS=settings.MONGODB_TIMEOUT_MS,
        connectTimeoutMS=settings.MONGODB_TIMEOUT_MS,
        appname="mlplatform",
    )


def database() -> Database[Body]:
    """The platform's database; writes are acknowledged by a majority and journalled."""
    client = mongoengine.get_connection()
    found: Database[Body] = client.get_database(database_name(), write_concern=DURABLE)
    return found


def drop_database(*, suffix: str) -> None:
    """Drop the platform's database, whose name must end so. For benchmarks and tests.

    Raises:
        ValueError: it does not: it may hold real data.
    """
    name = database_name()
    if not suffix or not name.endswith(suffix):
        raise ValueError(f"The database {name!r} does not end in {suffix!r}; it is not dropped.")
    database().client.drop_database(name)


def collection(name: str) -> Collection[Body]:
    """A collection with durable writes."""
    return database()[name]


@contextmanager
def guarded_by_breaker() -> Iterator[None]:
    """Turn to MongoDB through its breaker; every operation of the platform is inside one.

    What the server itself refuses (a validator, a duplicate, a slow query) says that it is there.

    Raises:
        MongoSuspendedError: the breaker is open; at once. It is a ``PyMongoError``.
    """
    if not MONGODB.admits():
        raise MongoSuspendedError(
            f"MongoDB did not answer and is left alone for {MONGODB.seconds_left:.1f} s more."
        )
    try:
        yield
    except ConnectionFailure:  # away, hung, or not a primary
        MONGODB.failed()
        raise
    except OperationFailure:
        MONGODB.succeeded()
        raise
    except BaseException:
        MONGODB.abandoned()
        raise
    MONGODB.succeeded()
