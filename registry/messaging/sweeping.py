"""The sweep: what was published, is not done, and is in its queue no more is owed again.

It mends what no broker keeps for us: a flushed Redis, a lost queue, a worker that died with a message in
hand. Too much of it does no harm: a second copy is dropped by who gets it. What a full queue held back
(:mod:`.room`) is owed again, too.
"""

import logging
from collections.abc import Mapping
from contextlib import suppress

from django.db import connection, transaction

from registry.enums import DeliveryState
from registry.exceptions import ConflictError
from registry.postgres.one_at_a_time import one_at_a_time
from registry.sync.targets import TargetUnavailableError

from . import room
from .owed import OPEN, OWE_AGAIN
from .room import at_broker
from .running import LOCK
from .topology import QUEUES

logger = logging.getLogger(__name__)
PATIENCE_SECONDS = 60
LONGEST_SECONDS = 3_600
MOST = 1_000
SWEEPING = 0x7377656570  # "sweep"
BY_PRIORITY = {queue.value for queue, spec in QUEUES.items() if spec.is_priority}

# The oldest: queues are worked off in order, so what is missing is older than what waits. What is being
# worked on is locked: its row, or (a long task) its number.
LOST = f"""
WITH missing AS (
    SELECT d.id FROM registry_delivery d
    WHERE d.queue = %(queue)s AND d.state = '{DeliveryState.PUBLISHED.value}'
      AND d.state IN ({OPEN})
      AND d.published_at < now() - make_interval(
          secs => least(%(patience)s * power(2, least(d.publishes, 10) - 1), {LONGEST_SECONDS}))
      AND NOT EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = {LOCK}
          AND l.objid = (d.id %% 2147483648)::oid AND l.objsubid = 2
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))
    ORDER BY d.published_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
), again AS (
    UPDATE registry_delivery d SET state = '{DeliveryState.WAITING.value}'
    FROM missing WHERE d.id = missing.id RETURNING d.message_id, d.queue, now() AS next_at
)
{OWE_AGAIN}"""  # noqa: S608 (made of constants)

# What waits for the outbox, and is not in it: held back by a full queue, or nobody's promise any more.
WAITING = f"""
SELECT DISTINCT queue FROM registry_delivery
WHERE state IN ({OPEN}) AND state = '{DeliveryState.WAITING.value}'
  AND next_at <= now() - make_interval(secs => %(patience)s)
"""  # noqa: S608 (made of constants)
HELD_BACK = f"""
WITH again AS (
    SELECT d.message_id, d.queue, now() AS next_at
    FROM registry_delivery d JOIN registry_message m ON m.id = d.message_id
    WHERE d.queue = %(queue)s AND d.state = '{DeliveryState.WAITING.value}' AND d.state IN ({OPEN})
      AND d.next_at <= now() - make_interval(secs => %(patience)s)
      AND NOT EXISTS (SELECT FROM registry_outboxentry o
          WHERE o.aggregate_id = replace(m.message_id::text, '-', ''))
    ORDER BY d.id LIMIT %(most)s FOR UPDATE OF d SKIP LOCKED
)
{OWE_AGAIN}"""  # noqa: S608 (made of constants)


def sweep(*, patience_seconds: float = PATIENCE_SECONDS) -> int:
    """Owe again what its queue holds no more, and what was held back; returns how many.

    One relay at a time; the others leave it to that one.

    Raises:
        TargetUnavailableError: the broker is away.
    """
    with suppress(ConflictError), one_at_a_time(SWEEPING, otherwise="Another relay sweeps."):
        published = at_broker()
        let_in = _let_in(published, patience_seconds)
        if not published:
            return let_in
        from .depths import BrokerAwayError, queue_depths  # noqa: PLC0415 (kombu, for relays alone)

        try:
            depths = queue_depths()
        except BrokerAwayError as error:
            raise TargetUnavailableError(str(error)) from error
        waiting = {queue.value: depth.waiting for queue, depth in depths.items()}
        return let_in + _owe_again(published, waiting, patience_seconds)
    return 0


def _let_in(published: Mapping[str, int], patience: float) -> int:
    """Owe what waits without a row in the outbox, as far as there is room."""
    owed = 0
    with connection.cursor() as cursor:
        cursor.execute(WAITING, {"patience": patience})
        for (queue,) in cursor.fetchall():
            free = max(0, room.MOST_AT_BROKER - published.get(queue, 0))
            cursor.execute(HELD_BACK, {"queue": queue, "patience": patience, "most": free})
            owed += int(cursor.rowcount)
    return owed


def _owe_again(published: Mapping[str, int], waiting: Mapping[str, int], patience: float) -> int:
    swept = 0
    for queue, count in published.items():
        missing = min(count - waiting.get(queue, 0), MOST)  # a queue that is no more holds nothing
        if missing <= 0:
            continue
        if queue in BY_PRIORITY:  # not the oldest is missing, but any
            missing = MOST
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(LOST, {"queue": queue, "patience": patience, "most": missing})
            owed = cursor.rowcount
        if owed:
            logger.warning("%d messages of %s were lost by the broker, and are owed again", owed, queue)
        swept += owed
    return swept
