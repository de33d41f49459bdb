"""The stream of a slot: committed transactions as they come, and the word back how far they are kept.

Deviations from the design's sketch: besides ``transactions()`` there is ``batches()``, which a runner
wants; ``open_stream`` takes names and a start position, and does not reconnect by itself: whoever
reads opens it again from its stored position (``runner``), since only that is sure to be right.

A database in which nothing is captured would never move its slot on, and PostgreSQL would keep the
log of all others. So where nothing came for ``HEARTBEAT_SECONDS``, a logical message is written in a
transaction of its own: it comes as a transaction without changes, is applied and confirmed.
"""

import contextlib
import select
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection

from .connection import replication_connection
from .decoder import Decoder
from .messages import Transaction
from .slots import once_unread

HEARTBEAT_SECONDS = 5.0
FEEDBACK_SECONDS = 5.0
POLL_SECONDS = 0.25
MOST_CHANGES, MOST_BYTES = 5_000, 32 * 1024**2
PREFIX = "mlplatform-cdc"
OPTIONS = {"proto_version": "1", "messages": "true"}


class Stream:
    """Transactions of one slot, from where it was opened on; :func:`open_stream` makes it."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor
        self._decoder = Decoder()
        self._heard_at = time.monotonic()
        self._confirmed = 0

    def transactions(self, *, idle_seconds: float | None = None) -> Iterator[Transaction]:
        """Transactions one by one; ends where none came for ``idle_seconds``, else never.

        Raises:
            DecodeError: PostgreSQL sent what is not understood.
            psycopg2.Error: the connection broke.
        """
        for batch in self.batches(idle_seconds=idle_seconds):
            yield from batch

    def batches(
        self,
        *,
        idle_seconds: float | None = None,
        most_changes: int = MOST_CHANGES,
        is_over: Callable[[], bool] = lambda: False,
    ) -> Iterator[list[Transaction]]:
        """What has come and is whole, as soon as no more is at hand or it carries ``most_changes``, or 32 MB.

        Args:
            is_over: asked at least each ``POLL_SECONDS``; what is in hand is given before the end.

        Raises:
            DecodeError: PostgreSQL sent what is not understood.
            psycopg2.Error: the connection broke.
        """
        last_at = time.monotonic()
        while not is_over():
            batch = self._take(most_changes)
            if batch:
                yield batch
                last_at = time.monotonic()
            elif idle_seconds is not None and time.monotonic() - last_at >= idle_seconds:
                return
            else:
                self._beat_if_quiet()
                self._rest(POLL_SECONDS if idle_seconds is None else min(POLL_SECONDS, idle_seconds))

    def confirm(self, lsn: int) -> None:
        """Tell PostgreSQL, at once, that everything up to this position is kept elsewhere."""
        self._confirmed = max(self._confirmed, lsn)
        self._cursor.send_feedback(write_lsn=self._confirmed, flush_lsn=self._confirmed, force=True)

    def _take(self, most_changes: int) -> list[Transaction]:
        """Read what lies ready, until a transaction's end is reached and nothing more is there."""
        batch: list[Transaction] = []
        changes = size = 0
        while changes < most_changes and size < MOST_BYTES:
            message = self._cursor.read_message()  # answers what the server asks in between
            if message is None:
                return batch
            transaction = self._decoder.feed(message.payload)
            if transaction is not None:
                self._heard_at = time.monotonic()
                batch.append(transaction)
                changes += len(transaction.changes)
                size += transaction.size_bytes
        return batch

    def _rest(self, seconds: float) -> None:
        select.select([self._cursor.connection], [], [], seconds)

    def _beat_if_quiet(self) -> None:
        if time.monotonic() - self._heard_at >= HEARTBEAT_SECONDS and self._decoder.is_between_transactions:
            self._heard_at = time.monotonic()
            beat()


# Only what is on the disk is sent: with synchronous_commit off that would be up to 0.2 s later.
BEAT = """
SELECT pg_logical_emit_message(true, %s, '') - '0/0'::pg_lsn FROM set_config('synchronous_commit', 'on', true)
"""


def beat() -> int:
    """Write a heartbeat into the log, outside of any transaction of the caller; returns its position."""
    with connection.cursor() as cursor:
        cursor.execute(BEAT, [PREFIX])
        return int(cursor.fetchone()[0])


@contextlib.contextmanager
def open_stream(slot: str, publication: str, start_lsn: int = 0) -> Iterator[Stream]:
    """Read a slot from a position on, or from where it was confirmed where that is later.

    Args:
        start_lsn: the end of the last transaction that is kept; 0 for the slot's own.

    Raises:
        psycopg2.errors.ObjectInUse: another reads it.
        psycopg2.errors.UndefinedObject: there is no such slot.
        psycopg2.errors.ObjectNotInPrerequisiteState: it was lost.
        psycopg2.Error: PostgreSQL is away.
    """
    with replication_connection() as opened:
        cursor = opened.cursor()
        once_unread(
            lambda: cursor.start_replication(
                slot_name=slot,
                start_lsn=start_lsn,
                options={**OPTIONS, "publication_names": publication},
                status_interval=FEEDBACK_SECONDS,
                decode=False,
            )
        )
        yield Stream(cursor)
