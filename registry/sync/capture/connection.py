"""A connection that reads PostgreSQL's log, and the names that belong to this database.

The role needs the attribute REPLICATION. Slots are the whole server's, so a slot's name carries a
hash of its database's.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from django.db import connection
from psycopg2.extras import LogicalReplicationConnection

# Text in the forms that values.py knows, whatever the database's own defaults are.
OPTIONS = (
    "-c datestyle=ISO -c timezone=UTC -c bytea_output=hex -c extra_float_digits=1 -c client_encoding=UTF8"
    " -c statement_timeout=0 -c lock_timeout=0"
    " -c idle_in_transaction_session_timeout=0 -c idle_session_timeout=0"
)
SINCE_17 = " -c transaction_timeout=0"
OF_DJANGO = {"client_encoding", "cursor_factory", "connection_factory"}


def slot_name(consumer: str) -> str:
    """The slot of a consumer of this database."""
    database = str(connection.settings_dict["NAME"])
    return f"mlp_{consumer}_{hashlib.blake2s(database.encode(), digest_size=4).hexdigest()}"


def publication_name(consumer: str) -> str:
    """The publication of a consumer, which lies in the database itself."""
    return f"mlp_{consumer}"


@contextmanager
def replication_connection() -> Iterator[Any]:
    """A connection of its own for logical replication.

    Raises:
        psycopg2.Error: the server is away, or the role may not.
    """
    with _opened(connection_factory=LogicalReplicationConnection) as opened:
        yield opened


@contextmanager
def reading_connection() -> Iterator[Any]:
    """A connection of its own for statements that take their time, in the same forms of text.

    Raises:
        psycopg2.Error: the server is away.
    """
    with _opened() as opened:
        yield opened


@contextmanager
def _opened(**factory: Any) -> Iterator[Any]:
    ours = {
        "application_name": "mlplatform-cdc",
        "options": OPTIONS + (SINCE_17 if connection.get_database_version() >= (17,) else ""),
        "tcp_user_timeout": 5_000,
    }
    # Whatever else it takes to reach the database: certificates, a service, a password file.
    asked = connection.get_connection_params().items()
    theirs = {name: value for name, value in asked if name not in OF_DJANGO}
    opened = psycopg2.connect(**{**theirs, **ours, **factory})
    try:
        yield opened
    finally:
        opened.close()
