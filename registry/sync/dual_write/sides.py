"""What a kind of data tells of itself so that it can move: its two sides, its owners, its queries."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import orjson

from .states import Store

Record = dict[str, Any]


class Key(NamedTuple):
    """A record by its owner's public id and its own."""

    owner_id: str
    record_id: str

    def __str__(self) -> str:
        return f"{self.owner_id}/{self.record_id}"


class Side(Protocol):
    """One store as a place of these records, each a mapping that JSON can hold."""

    title: str

    def read(self, owner_ids: Sequence[str]) -> dict[Key, Record]:
        """All records of these owners, from the store itself.

        Raises:
            StoreUnavailableError: the store does not answer.
        """

    def copy(self, records: Mapping[Key, Record]) -> None:
        """Write records, over what is there under their keys, in the running transaction.

        Those whose owner is gone are left out.

        Raises:
            DatabaseError, RegistryError: one of them can't be written; none was.
        """

    def renew(self, owner_ids: Sequence[str], /) -> None:
        """Bring the store to what is kept for it of these owners, in the running transaction."""

    def settle(self, owner_ids: Sequence[str], /) -> set[str]:
        """Deliver what the store is owed for these owners; returns those for whom it waits nevertheless."""

    def lag(self, scope: str, /) -> int:
        """How many effects on the store wait, of all owners in the scope."""


class Owners(Protocol):
    """Those whom records belong to."""

    def __call__(self, scope: str, elsewhere: Sequence[str], *, after: str, limit: int) -> list[str]:
        """Their ids in order: those in the scope or, where it is empty, in none of those elsewhere."""


@dataclass(frozen=True)
class Move:
    """A kind of data that can move.

    Attributes:
        count: how many owners there are; arguments as for ``owners``.
        queries: the reads that can be switched one by one.
    """

    name: str
    old: Side
    new: Side
    owners: Owners
    count: Callable[[str, Sequence[str]], int]
    queries: tuple[str, ...]

    def side(self, store: Store) -> Side:
        """The side of that name."""
        return self.old if store == "old" else self.new

    def settle(self, owner_ids: Sequence[str]) -> set[str]:
        """Deliver what both stores are owed for these owners; returns those for whom something waits."""
        return self.old.settle(owner_ids) | self.new.settle(owner_ids)


def fingerprint(key: Key, record: Record) -> int:
    """CRC-32 of a record under its key; those of many are combined by exclusive or."""
    content = orjson.dumps(record, option=orjson.OPT_SORT_KEYS, default=str)
    return zlib.crc32(content, zlib.crc32(str(key).encode()))
