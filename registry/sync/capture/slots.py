"""Replication slots and publications: made, looked at, dropped.

A slot keeps PostgreSQL's log until its consumer has confirmed it, at most ``max_slot_wal_keep_size``:
a consumer that stays away longer loses its slot, not the server its disk.
"""

import datetime as dt
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg2.errors
from django.db import connection
from psycopg2 import sql

from .connection import replication_connection
from .consumers import Snapshot
from .messages import lsn_of

READER_GONE_SECONDS, POLL_SECONDS = 2.0, 0.05
# The columns of later servers are read by name from the row as JSON, so that older ones answer too.
STATE = """
SELECT s.slot_name, s.confirmed_flush_lsn - '0/0'::pg_lsn, pg_current_wal_lsn() - s.confirmed_flush_lsn,
    pg_current_wal_lsn() - s.restart_lsn, s.wal_status, s.safe_wal_size, s.active_pid,
    to_jsonb(s) ->> 'invalidation_reason', (to_jsonb(s) ->> 'inactive_since')::timestamptz,
    ARRAY(SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = 0)
FROM pg_replication_slots s WHERE s.slot_name = ANY(%s) ORDER BY s.slot_name
"""


@dataclass(frozen=True, slots=True)
class SlotState:
    """A slot as PostgreSQL has it; sizes in bytes.

    Args:
        lag: of the log, not confirmed yet; None where the slot is lost.
        retained: of the log, kept because of the slot; None where it is lost.
        room: how much more may be written before the slot is lost; None without a limit.
        is_begun: a process is at its beginning, most often with a copy: nobody reads it meanwhile.
    """

    name: str
    confirmed_lsn: int
    lag: int | None
    retained: int | None
    wal_status: str
    room: int | None
    active_pid: int | None
    lost_because: str
    inactive_since: dt.datetime | None
    is_begun: bool = False

    @property
    def is_lost(self) -> bool:
        """Whether the log that it stood for is gone."""
        return self.wal_status == "lost" or bool(self.lost_because)

    @property
    def state(self) -> str:
        """``lost``, ``running``, ``copying`` or ``stopped``."""
        if self.is_lost:
            return "lost"
        return "running" if self.active_pid else "copying" if self.is_begun else "stopped"


def lock_of(name: str) -> int:
    """The number of the advisory lock that whoever begins with a slot holds, below 2**31."""
    return zlib.crc32(name.encode()) >> 1


def slot_states(names: Sequence[str]) -> dict[str, SlotState]:
    """The slots of these names that there are."""
    with connection.cursor() as cursor:
        cursor.execute(STATE, [list(names)])
        return {row[0]: _state(row) for row in cursor.fetchall()}


def _state(row: tuple[Any, ...]) -> SlotState:
    name, confirmed, lag, retained, status, room, pid, reason, since, locks = row

    def whole(number: object) -> int | None:
        return None if number is None else int(str(number))

    return SlotState(
        str(name),
        whole(confirmed) or 0,
        whole(lag),
        whole(retained),
        str(status or "lost"),
        whole(room),
        whole(pid),
        str(reason or ""),
        since if isinstance(since, dt.datetime) else None,
        lock_of(str(name)) in locks,
    )


@contextmanager
def create_slot(name: str) -> Iterator[Snapshot]:
    """Make a slot; the snapshot of the same moment can be read while the context lasts.

    Raises:
        psycopg2.errors.DuplicateObject: there is one.
        psycopg2.errors.ConfigurationLimitExceeded: ``max_replication_slots`` is reached.
        psycopg2.errors.InsufficientPrivilege: the role has no REPLICATION.
    """
    with replication_connection() as opened, opened.cursor() as cursor:
        cursor.execute(
            sql.SQL("CREATE_REPLICATION_SLOT {} LOGICAL pgoutput EXPORT_SNAPSHOT").format(
                sql.Identifier(name)
            )
        )
        _, consistent_point, snapshot, _ = cursor.fetchone()
        yield Snapshot(snapshot, lsn_of(consistent_point))


def drop_slot(name: str) -> bool:
    """Drop a slot, waiting a moment where a reader that died still holds it; returns whether there was one.

    Raises:
        psycopg2.errors.ObjectInUse: its consumer still runs.
    """
    statement = sql.SQL("DROP_REPLICATION_SLOT {}").format(sql.Identifier(name))
    with replication_connection() as opened, opened.cursor() as cursor:
        # Not WAIT: it can't be given a time, and a running consumer is waited for as long as it runs.
        try:
            once_unread(lambda: cursor.execute(statement))
        except psycopg2.errors.UndefinedObject:
            return False
    return True


def once_unread(act: Callable[[], None]) -> None:
    """Do what a slot's reader hinders, waiting a moment: PostgreSQL takes one to notice that a reader left.

    Raises:
        psycopg2.errors.ObjectInUse: it still reads.
    """
    until = time.monotonic() + READER_GONE_SECONDS
    while True:
        try:
            return act()
        except psycopg2.errors.ObjectInUse:
            if time.monotonic() > until:
                raise
        time.sleep(POLL_SECONDS)
