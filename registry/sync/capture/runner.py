"""Leading consumers: each from its stored position on, again after every fault, until told to stop."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import psycopg2
from django.db import DatabaseError, InterfaceError, connection

from registry.crash_points import crash_point
from registry.exceptions import ConflictError
from registry.postgres.one_at_a_time import one_at_a_time
from registry.sync.targets import TargetUnavailableError

from . import slots
from .connection import publication_name, slot_name
from .consumers import Consumer, Position
from .messages import CaptureError, lsn_text
from .publication import is_published, publish, unpublish
from .stream import beat, open_stream

logger = logging.getLogger(__name__)
# What passes by itself: the consumer's store away, PostgreSQL restarting, another process reading or copying.
AWAY = (ConflictError, TargetUnavailableError, DatabaseError, InterfaceError, psycopg2.Error)
FIRST_WAIT_SECONDS = 0.25
LONGEST_WAIT_SECONDS = 5.0
FAULT_WAIT_SECONDS = 15.0  # an operator's `cdc reset` is noticed
WELL_SECONDS = 10.0  # after so long a fault is a new one


class ChangesMissingError(CaptureError):
    """The log no longer holds what a consumer has not seen."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What one run applied."""

    consumer: str
    transactions: int
    rows: int


def catch_up(consumer: Consumer) -> Applied:
    """Apply everything that was committed before this call, then return.

    Raises:
        CaptureError: it can't go on without an operator.
        TargetUnavailableError: the consumer's store is away; what was applied is confirmed.
        DatabaseError, psycopg2.Error: PostgreSQL is away, or another process reads the slot.
        ConflictError: another process copies its tables.
    """
    position = prepare(consumer)
    return _follow(consumer, position, until=beat())


def follow(consumer: Consumer, stop: threading.Event) -> Applied:
    """Apply what comes until ``stop`` is set, and what is in hand then; raises as :func:`catch_up` does."""
    return _follow(consumer, prepare(consumer), is_over=stop.is_set)


def prepare(consumer: Consumer) -> Position:
    """See that publication, slot and position fit; where the consumer begins, with a snapshot.

    Raises:
        ChangesMissingError: they don't, and beginning anew is the operator's to decide.
        ConflictError: another process is at it, maybe with a copy.
        psycopg2.errors.ObjectInUse: another process reads the slot, and these tables are not its own.
    """
    with _alone(consumer):
        return _prepare(consumer)


def _alone(consumer: Consumer) -> AbstractContextManager[None]:
    """One process begins, copies or resets at a time: a slot is nobody's while its snapshot is copied.

    Not while changes are followed: there the slot itself has one reader, and that of a frozen process is
    ended by PostgreSQL, a session that holds a lock is not.
    """
    lock = slots.lock_of(slot_name(consumer.name))
    return one_at_a_time(lock, otherwise=f"Another process begins {consumer.title}, maybe with a copy.")


def _prepare(consumer: Consumer) -> Position:
    slot, publication = slot_name(consumer.name), publication_name(consumer.name)
    if not is_published(publication, consumer.tables):
        slots.drop_slot(slot)  # refused where another release reads it
        consumer.forget()  # before its tables are said, so that a death in between is no different
        publish(publication, consumer.tables)
    position = consumer.position()
    if position is not None:
        gap = _gap(slots.slot_states([slot]).get(slot), position)
        if not gap:
            return position
        if not consumer.is_cheap_to_begin:
            raise ChangesMissingError(f"{gap} Begin anew: manage.py cdc reset --consumer {consumer.name}")
        logger.warning("%s It begins anew.", gap)
    slots.drop_slot(slot)
    with slots.create_slot(slot) as snapshot:
        crash_point("capture.after_slot")
        consumer.snapshot(snapshot)
    logger.info("%s begins at %s.", consumer.title, lsn_text(snapshot.lsn))
    return consumer.position() or Position(snapshot.lsn)


def reset(consumer: Consumer) -> bool:
    """Let go of slot, publication and position; the next run begins with a snapshot.

    Returns:
        Whether there was a slot.

    Raises:
        psycopg2.errors.ObjectInUse: the consumer still runs.
        ConflictError: it is copying its tables.
        TargetUnavailableError: its store is away; nothing was let go.
    """
    with _alone(consumer):
        consumer.position()  # before anything is dropped: the store answers
        was_there = slots.drop_slot(slot_name(consumer.name))
        unpublish(publication_name(consumer.name))
        consumer.forget()
    return was_there


def _gap(state: slots.SlotState | None, position: Position) -> str:
    """What is missing between the slot and the consumer's position; empty where nothing is."""
    if state is None:
        return f"The slot is gone, and with it what was committed after {lsn_text(position.lsn)}."
    if state.is_lost:
        reason = f" ({state.lost_because})" if state.lost_because else ""
        return f"The slot {state.name} is lost{reason}: PostgreSQL kept no more of its log."
    if state.confirmed_lsn > position.lsn:
        return (
            f"The slot {state.name} is at {lsn_text(state.confirmed_lsn)}, what was stored only at"
            f" {lsn_text(position.lsn)}: the changes between are missing."
        )
    if state.lag is not None and (now := state.confirmed_lsn + state.lag) < position.lsn:
        return (
            f"PostgreSQL was put back: it is at {lsn_text(now)}, what was stored goes to"
            f" {lsn_text(position.lsn)}."
        )
    return ""


def _follow(
    consumer: Consumer,
    position: Position,
    *,
    until: int | None = None,
    is_over: Callable[[], bool] = lambda: False,
) -> Applied:
    """Apply and confirm, up to the heartbeat at ``until`` or until it is over."""
    begun = now = position
    with open_stream(slot_name(consumer.name), publication_name(consumer.name), position.lsn) as stream:
        for batch in stream.batches(is_over=is_over):
            consumer.apply(batch)
            crash_point("capture.after_apply")
            now = now.after(batch)
            stream.confirm(now.lsn)
            crash_point("capture.after_confirm")
            if until is not None and now.lsn > until:
                break
    return Applied(consumer.name, now.transactions - begun.transactions, now.rows - begun.rows)


@dataclass
class Worker:
    """Leads one consumer on its thread; no fault ends it, and each is told of once."""

    consumer: Consumer
    stop: threading.Event
    _told: str = field(default="", init=False)

    def run(self) -> None:
        """Follow until told to stop."""
        wait = FIRST_WAIT_SECONDS
        while not self.stop.is_set():
            began = time.monotonic()
            needs_operator = self._turn()
            if time.monotonic() - began > WELL_SECONDS:
                wait, self._told = FIRST_WAIT_SECONDS, ""
            self.stop.wait(FAULT_WAIT_SECONDS if needs_operator else wait)
            wait = min(wait * 2, LONGEST_WAIT_SECONDS)

    def _turn(self) -> bool:
        """Follow until something fails; returns whether an operator must mend it."""
        try:
            follow(self.consumer, self.stop)
        except AWAY as reason:
            self._tell(f"{self.consumer.title} waits: {' '.join(str(reason).split())[:300]}")
        except CaptureError as reason:
            self._tell(f"{self.consumer.title} can't go on: {reason}")
            return True
        except Exception:
            logger.exception("%s failed and goes on", self.consumer.title)
        finally:
            with contextlib.suppress(DatabaseError, InterfaceError):
                connection.close()
        return False

    def _tell(self, words: str) -> None:
        if words != self._told:
            logger.warning("%s", words)
            self._told = words


def run(consumers: Sequence[Consumer], stop: threading.Event) -> None:
    """Lead consumers, a thread each, until ``stop`` is set; then finish what is in hand."""
    threads = [
        threading.Thread(target=Worker(consumer, stop).run, name=f"cdc-{consumer.name}", daemon=True)
        for consumer in consumers
    ]
    for thread in threads:
        thread.start()
    stop.wait()
    for thread in threads:
        thread.join(timeout=30)
