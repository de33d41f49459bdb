"""COPY between PostgreSQL and a file, on the connection of the thread."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from django.db import connection

PIECE_BYTES = 8_192


class Sink(Protocol):
    """What a COPY TO STDOUT is written to."""

    def write(self, piece: bytes, /) -> object:
        """Take the next bytes."""


class Source(Protocol):
    """What a COPY FROM STDIN is read from."""

    def read(self, size: int, /) -> bytes:
        """At most so many of the next bytes; none at the end."""


def copy(
    statement: str,
    file: Sink | Source,
    values: Sequence[Any] | Mapping[str, Any] = (),
    *,
    piece_bytes: int = PIECE_BYTES,
) -> None:
    """Run a COPY; values stand in it as psycopg2 has them.

    Raises:
        DatabaseError: as of any other statement, which psycopg2's cursor alone would not see to.
    """
    with connection.cursor() as cursor, connection.wrap_database_errors:
        asked = cursor.mogrify(statement, values).decode() if values else statement
        cursor.copy_expert(asked, file, piece_bytes)
