"""The one connection to MongoDB."""

from typing import Any
from urllib.parse import urlsplit

import mongoengine
from django.conf import settings
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.write_concern import WriteConcern

DURABLE = WriteConcern(w="majority", j=True)
Body = dict[str, Any]


def database_name() -> str:
    """The database: ``MONGODB_DATABASE`` (tests), else the URL's path, else ``mlplatform``."""
    named: str | None = getattr(settings, "MONGODB_DATABASE", None)
    return named or urlsplit(settings.MONGODB_URL).path.lstrip("/") or "mlplatform"


def register() -> None:
    """Tell mongoengine where MongoDB is. Nothing connects until the first operation.

    Every operation has a deadline (``timeoutMS``) that also fires on a hung server.
    """
    mongoengine.disconnect()
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


def collection(name: str) -> Collection[Body]:
    """A collection with durable writes."""
    return database()[name]
