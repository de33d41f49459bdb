"""How the consumers of captured changes stand: lag, what was applied, and what wants mending."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from registry.store_health import Problem
from registry.sync.targets import TargetUnavailableError

from .connection import slot_name
from .consumers import CONSUMERS, Consumer, Position, Telling
from .messages import lsn_text
from .slots import SlotState, slot_states

LATE_SECONDS = 60.0
MUCH_BYTES = 256 * 1024**2
# Everybody's slots, also those of other programs: the disk is one.
FORGOTTEN = """
SELECT s.slot_name FROM pg_replication_slots s
WHERE NOT s.active AND pg_current_wal_lsn() - s.restart_lsn > %s AND s.slot_name <> ALL(%s)
ORDER BY s.slot_name
"""


@dataclass(frozen=True)
class CaptureStatus:
    """One consumer; sizes in bytes, None where they can't be told.

    Args:
        state: ``off`` (never begun, or reset), ``running``, ``stopped``, ``missing`` or ``lost`` (its slot),
            ``away`` (its store), ``copying`` (before it runs).
        lag_seconds: since the last applied transaction was committed; a heartbeat comes each 5 s.
        room_bytes: how much more PostgreSQL writes before a slot that stands still is lost.
    """

    consumer: str
    state: str
    lag_bytes: int | None
    lag_seconds: float | None
    transactions: int
    rows: int
    position: str
    slot: str
    wal_status: str
    retained_bytes: int | None
    room_bytes: int | None
    problem: str = ""
    cure: str = ""
    notes: str = ""


def capture_statuses() -> list[CaptureStatus]:
    """Every enrolled consumer (one statement, and one question to each one's store)."""
    states = slot_states([slot_name(name) for name in CONSUMERS])
    return [_status(consumer, states.get(slot_name(consumer.name))) for consumer in CONSUMERS.values()]


def capture_problems() -> Iterator[Problem]:
    """What of it wants mending, and slots of others that keep much of the log and are read by nobody."""
    for status in capture_statuses():
        if status.problem:
            yield Problem(status.problem, status.cure, is_fatal=False)
    with connection.cursor() as cursor:
        cursor.execute(FORGOTTEN, [MUCH_BYTES, [slot_name(name) for name in CONSUMERS]])
        for (name,) in cursor.fetchall():
            cause = f"The replication slot {name} keeps much of PostgreSQL's log and nobody reads it."
            yield Problem(
                cause, f"Start its reader, or: SELECT pg_drop_replication_slot('{name}')", is_fatal=False
            )


def _status(consumer: Consumer, slot: SlotState | None) -> CaptureStatus:
    position, away, notes = None, "", ""
    try:
        position = consumer.position()
        notes = "; ".join(consumer.notes()) if isinstance(consumer, Telling) else ""
    except TargetUnavailableError as reason:
        away = " ".join(str(reason).split())[:200]
    seconds = _age(position) if slot and slot.lag is not None else None
    state = _state(slot, position, away)
    problem, cure = _problem(consumer, state, slot, seconds, away)
    return CaptureStatus(
        consumer.name,
        state,
        slot.lag if slot else None,
        seconds,
        position.transactions if position else 0,
        position.rows if position else 0,
        lsn_text(position.lsn) if position else "",
        slot.name if slot else "",
        slot.wal_status if slot else "",
        slot.retained if slot else None,
        slot.room if slot else None,
        problem,
        cure,
        notes,
    )


def _age(position: Position | None) -> float | None:
    if position is None or position.committed_at is None:
        return None
    return max((timezone.now() - position.committed_at) / dt.timedelta(seconds=1), 0.0)


def _state(slot: SlotState | None, position: Position | None, away: str) -> str:
    if slot is None:
        return "missing" if position else "away" if away else "off"
    return "away" if away and not slot.is_lost else slot.state


def _problem(
    consumer: Consumer, state: str, slot: SlotState | None, seconds: float | None, away: str
) -> tuple[str, str]:
    reset, run = (
        f"manage.py cdc reset --consumer {consumer.name}",
        f"manage.py cdc run --consumer {consumer.name}",
    )
    name = f"Change capture ({consumer.name})"
    if state in ("missing", "lost"):
        return f"{name}: the slot is {state}; changes are missing.", f"Begin anew: {reset}, then {run}"
    if slot is None:
        return "", ""
    if state == "away":
        return f"{name}: {away}", "Bring the store back; nothing is lost meanwhile while there is room."
    cause = _slot_problem(slot, seconds, is_read=state != "stopped")
    return (
        (f"{name}: {cause}", f"See that it runs: {run}; or give the slot up: {reset}") if cause else ("", "")
    )


def _slot_problem(slot: SlotState, seconds: float | None, *, is_read: bool) -> str:
    retained, room = slot.retained or 0, slot.room
    is_late = seconds is not None and seconds > LATE_SECONDS
    if room is not None and room < retained:
        return f"half of what PostgreSQL keeps for it is used up, {room / 1024**2:.0f} MB are left."
    if not is_read and (is_late or retained > MUCH_BYTES):
        return f"nobody reads its slot {slot.name}, which keeps {retained / 1024**2:.0f} MB of the log."
    return f"{seconds:.0f} s behind." if is_late else ""
