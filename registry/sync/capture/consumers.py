"""Who consumes captured changes. Those above this package enrol themselves (features: the cache).

The life of a consumer, which ``runner`` leads:

1. Its slot is missing, or :meth:`Consumer.position` is None: a slot is made that exports a snapshot,
   :meth:`Consumer.snapshot` copies what that shows, and from then on ``position()`` says ``snapshot.lsn``.
   Killed before that, it all begins again with a new slot.
2. ``position()`` is older than what the slot has let go of, or the slot is gone or lost: changes are
   missing. Nothing is applied and the operator is told to ``cdc reset``; a consumer that
   ``is_cheap_to_begin`` begins anew by itself instead. So does every one whose tables have changed.
3. Otherwise :meth:`Consumer.apply` is given transactions, whole and in order, and stores their position
   with what it made of them; the slot is told only afterwards. What was applied and not yet told comes
   a second time: it must not differ.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from .messages import Transaction


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a new slot begins after. ``name`` is for ``SET TRANSACTION SNAPSHOT``, while the copy lasts."""

    name: str
    lsn: int


@dataclass(frozen=True, slots=True)
class Position:
    """How far a consumer has come, as stored with its data: ``lsn`` is the last transaction's end.

    Args:
        committed_at: when PostgreSQL committed that transaction; None after a snapshot.
        transactions: how many were applied since the snapshot, heartbeats not counted.
        rows: how many changes they carried.
    """

    lsn: int
    committed_at: dt.datetime | None = None
    transactions: int = 0
    rows: int = 0

    def after(self, transactions: Sequence[Transaction]) -> "Position":
        """The position once these have been applied too."""
        last = transactions[-1]
        return Position(
            last.end_lsn,
            last.committed_at,
            self.transactions + sum(1 for each in transactions if each.changes),
            self.rows + sum(len(each.changes) for each in transactions),
        )


class Consumer(Protocol):
    """Keeps another store as PostgreSQL is.

    Every method may raise ``registry.sync.targets.TargetUnavailableError``: the store is away, and
    the same is asked again later. Methods are called by one thread, which has its own connection of
    Django's; no other process applies meanwhile, but a frozen one may wake up and go on where it was.
    """

    name: str
    title: str
    is_cheap_to_begin: bool

    @property
    def tables(self) -> Sequence[str]:
        """The tables of schema ``public`` that it wants to hear of."""

    def position(self) -> Position | None:
        """How far it has come; None where it has nothing, or not all of a snapshot."""

    def snapshot(self, snapshot: Snapshot) -> None:
        """Begin anew with what the snapshot shows; afterwards the position is ``snapshot.lsn``."""

    def apply(self, transactions: Sequence[Transaction]) -> None:
        """Apply transactions whole and in order, and store the last one's position with them.

        Those at or before the stored position have been applied already. One without changes only
        moves the position on.
        """

    def forget(self) -> None:
        """Drop the position (``cdc reset``), so that the next run begins with a snapshot."""


@runtime_checkable
class Telling(Protocol):
    """A consumer that has more to say in ``cdc status``."""

    def notes(self) -> Sequence[str]:
        """What an operator should know: a copy under way, tables that changed, rows left out."""


CONSUMERS: dict[str, Consumer] = {}


def enrol(consumer: Consumer) -> None:
    """Make a consumer known to ``manage.py cdc``."""
    CONSUMERS[consumer.name] = consumer
