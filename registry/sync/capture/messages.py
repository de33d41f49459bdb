"""What change capture tells its consumers: committed transactions, whole, their values as Python has them.

Positions in PostgreSQL's log (LSN) are integers here, as psycopg2 gives and takes them.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, Literal

Kind = Literal["insert", "update", "delete", "truncate"]


class Unchanged(Enum):
    """The type of :data:`UNCHANGED`."""

    UNCHANGED = "unchanged"


# A large value (TOAST) that an update left as it was: PostgreSQL does not send it.
UNCHANGED: Final = Unchanged.UNCHANGED


class CaptureError(Exception):
    """Change capture can't go on by itself; the message says what to do."""


class DecodeError(CaptureError):
    """Bytes that are no message of pgoutput, or none that was asked for."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it was when the change was made."""

    name: str
    type_oid: int
    type_modifier: int
    is_key: bool


@dataclass(frozen=True, slots=True)
class Relation:
    """A table as it was when the change was made; ``replica_identity`` is ``d``, ``n``, ``f`` or ``i``."""

    oid: int
    schema: str
    table: str
    replica_identity: str
    columns: tuple[Column, ...]

    @property
    def key(self) -> tuple[int, ...]:
        """Where the columns of the replica identity stand in a row."""
        return tuple(place for place, column in enumerate(self.columns) if column.is_key)


@dataclass(frozen=True, slots=True)
class Change:
    """A row that was inserted, updated or deleted, or a table that was emptied.

    Args:
        old: of a delete, and of an update that changed the key: the key's values, the others None
            (all values under ``REPLICA IDENTITY FULL``); otherwise None.
        new: of an insert and an update: the values in the order of the relation's columns, one that is
            large and was not touched as :data:`UNCHANGED`; otherwise None.
    """

    kind: Kind
    relation: Relation
    old: tuple[Any, ...] | None
    new: tuple[Any, ...] | None


@dataclass(frozen=True, slots=True)
class Transaction:
    """A committed transaction; without changes where it only carried a heartbeat.

    Args:
        size_bytes: of its changes, as PostgreSQL sent them.
    """

    xid: int
    commit_lsn: int
    end_lsn: int
    committed_at: dt.datetime
    changes: Sequence[Change]
    size_bytes: int = field(default=0, compare=False)


def lsn_text(lsn: int) -> str:
    """A position as PostgreSQL writes it, for example ``0/16B3748``."""
    return f"{lsn >> 32:X}/{lsn & 0xFFFFFFFF:X}"


def lsn_of(text: str) -> int:
    """A position from PostgreSQL's writing.

    Raises:
        ValueError: it is none.
    """
    high, _, low = text.partition("/")
    return (int(high, 16) << 32) + int(low, 16)
