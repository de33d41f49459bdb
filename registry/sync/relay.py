"""The relay: applies what no writer could deliver at once. Any number may run side by side.

A claim is a short transaction of its own that pushes the rows' next time and counts the attempt
before the work, so a row that kills the process is counted too, and a relay that is frozen past its
claim does no harm: effects are idempotent. While a store is away nothing is claimed.
"""

import logging
from collections.abc import Callable, Sequence

from django.db import connection

from registry.crash_points import crash_point
from registry.enums import OutboxStatus, OutboxTarget

from . import delivery
from .targets import TARGETS, Entry, TargetUnavailableError

logger = logging.getLogger(__name__)
BATCH = 500
APPLY_SECONDS = 5.0
MAX_ATTEMPTS = 15
MAX_DELAY_SECONDS = 60
ON_TIME = {OutboxTarget.CELERY}
"""Targets whose effects are not to come early: a task's next attempt has its time."""

# next_at: twice as late each time, up to a minute, spread by half so that relays don't march in step
CLAIM = f"""
WITH chosen AS (
    SELECT id FROM registry_outboxentry
    WHERE status = {OutboxStatus.DUE.value} AND target = %(target)s AND id > %(after)s
      AND (next_at <= now() OR %(is_early)s)
    ORDER BY {{order}} LIMIT {BATCH} FOR UPDATE SKIP LOCKED
)
UPDATE registry_outboxentry o SET attempts = attempts + 1, next_at = now()
    + make_interval(secs => least(power(2, attempts + 2), {MAX_DELAY_SECONDS}) * (0.5 + random()))
FROM chosen WHERE o.id = chosen.id
RETURNING o.id, target, topic, aggregate_id, document_id, aggregate_version, attempts
"""  # noqa: S608 (made of constants)
BY_TIME, BY_ID = CLAIM.format(order="next_at, id"), CLAIM.format(order="id")
UNCOUNT = "UPDATE registry_outboxentry SET attempts = attempts - 1 WHERE id = ANY(%s) AND attempts > 0"
RETRY = f"""
UPDATE registry_outboxentry SET status = {OutboxStatus.DUE.value}, attempts = 0, next_at = now()
WHERE status = {OutboxStatus.PARKED.value} AND (%(ids)s::int8[] IS NULL OR id = ANY(%(ids)s))
"""  # noqa: S608 (made of constants)


def relay_once(target: int) -> int:
    """Work on one batch that is due; returns how many rows were claimed.

    Raises:
        TargetUnavailableError: the store is away; nothing was claimed, or what was waits.
    """
    TARGETS[target].ping()
    entries = _claim(BY_TIME, target)
    if entries:
        crash_point("relay.after_claim")
        _work(target, entries)
    return len(entries)


def drain(report: Callable[[int], None] | None = None) -> int:
    """Work on everything once, due or not (messages: due), batch by batch; returns how many effects took.

    A store that is away keeps its rows.
    """
    taken = 0
    for target in sorted(TARGETS):
        try:
            TARGETS[target].ping()
            last = 0
            while entries := _claim(BY_ID, target, after=last, is_early=target not in ON_TIME):
                taken += _work(target, entries)
                last = entries[-1].id
                if report:
                    report(len(entries))
        except TargetUnavailableError as error:
            logger.warning("%s is away, its effects wait: %s", TARGETS[target].title, error)
    return taken


def retry_parked(ids: list[int] | None = None) -> int:
    """Make parked rows due again, all or these; returns how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(RETRY, {"ids": ids})
        return int(cursor.rowcount)


def _claim(sql: str, target: int, *, after: int = 0, is_early: bool = False) -> list[Entry]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"target": target, "after": after, "is_early": is_early})
        # RETURNING keeps no order; what was promised first goes first
        return sorted((Entry(*row) for row in cursor.fetchall()), key=lambda entry: entry.id)


def _uncount(entries: Sequence[Entry]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(UNCOUNT, [[entry.id for entry in entries]])


def _work(target: int, entries: Sequence[Entry]) -> int:
    worn_out = [entry for entry in entries if entry.attempts > MAX_ATTEMPTS]
    delivery.park([(entry, f"Given up after {MAX_ATTEMPTS} attempts.") for entry in worn_out])
    fresh = [entry for entry in entries if entry.attempts <= MAX_ATTEMPTS]
    try:
        taken = delivery.apply(target, fresh, seconds=APPLY_SECONDS)
    except TargetUnavailableError:
        # Not the rows' fault: a store that answers but takes nothing (a full Redis) parks none of them.
        _uncount(fresh)
        raise
    except Exception as error:
        # Not known to be the store's fault, nor the row's: tried again later, parked in the end.
        logger.exception("Effects on %s failed", TARGETS[target].title)
        delivery.keep([(entry, f"{type(error).__name__}: {error}") for entry in fresh])
        taken = 0
    crash_point("relay.after_confirm")
    return taken
