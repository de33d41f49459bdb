"""The marks on deliveries: begun, held, done, again, dead. Each is one statement."""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from django.db import connection

from registry.enums import DeliveryState

from .owed import CLOSED, OWE_AGAIN

MOST_CHARACTERS = 2_000

# Before the work and committed, so that a message that kills its process is counted too. One that
# somebody holds, or that is to wait, or is done, is not begun.
# Arrays of ids, here and below, are looked up by their indexes whatever the planner believes: tables that
# were just filled have no statistics yet, and a join would be a loop over all of them.
BEGIN = f"""
WITH asked AS MATERIALIZED (
    SELECT id, replace(message_id::text, '-', '') AS message_id FROM registry_message
    WHERE message_id = ANY(%(ids)s::uuid[])
), begun AS (
    UPDATE registry_delivery SET attempts = attempts + 1, started_at = clock_timestamp()
    WHERE id = ANY(ARRAY(
        SELECT id FROM registry_delivery
        WHERE message_id = ANY(ARRAY(SELECT id FROM asked)) AND queue = %(queue)s AND state NOT IN ({CLOSED})
          AND next_at <= now() AND (attempts = 0 OR NOT %(is_fresh)s)
        ORDER BY id FOR UPDATE SKIP LOCKED))
    RETURNING id, message_id, attempts
)
SELECT begun.id, asked.message_id, begun.attempts FROM begun JOIN asked ON asked.id = begun.message_id
"""  # noqa: S608 (made of constants)
FIND = f"""
SELECT d.id FROM registry_delivery d JOIN registry_message m ON m.id = d.message_id
WHERE m.message_id = %(id)s::uuid AND d.queue = %(queue)s AND d.state NOT IN ({CLOSED})
"""  # noqa: S608 (made of constants)
HOLD = f"""
SELECT id FROM registry_delivery
WHERE id = ANY(%s) AND state NOT IN ({CLOSED}) ORDER BY id FOR UPDATE SKIP LOCKED
"""  # noqa: S608 (made of constants)
DONE = f"""
UPDATE registry_delivery SET state = '{DeliveryState.DONE.value}', finished_at = clock_timestamp()
WHERE id = ANY(%s) AND state NOT IN ({CLOSED})
"""  # noqa: S608 (made of constants)
DEAD = f"""
UPDATE registry_delivery SET state = '{DeliveryState.DEAD.value}', finished_at = clock_timestamp(),
    reason = %(reason)s, last_error = CASE WHEN %(error)s = '' THEN last_error ELSE %(error)s END
WHERE id = ANY(ARRAY(SELECT id FROM registry_delivery
    WHERE id = ANY(%(ids)s) AND state NOT IN ({CLOSED}) ORDER BY id FOR UPDATE SKIP LOCKED))
"""  # noqa: S608 (made of constants)
# Locked: a second copy of the message is being worked on, which will tell what comes of it.
LATER = f"""
WITH mine AS (
    SELECT id FROM registry_delivery
    WHERE id = ANY(%(ids)s) AND state NOT IN ({CLOSED}) ORDER BY id FOR UPDATE SKIP LOCKED
), again AS (
    UPDATE registry_delivery SET state = '{DeliveryState.WAITING.value}',
        next_at = now() + make_interval(secs => %(seconds)s), attempts = attempts - %(forgiven)s,
        last_error = %(error)s
    WHERE id = ANY(ARRAY(SELECT id FROM mine)) RETURNING message_id, queue, next_at
)
{OWE_AGAIN}"""  # noqa: S608 (made of constants)


class Begun(NamedTuple):
    """A delivery that was begun; ``attempts`` counts this time."""

    id: int
    message_id: str
    attempts: int


def begin(message_ids: Collection[str], queue: str, *, is_fresh: bool = False) -> list[Begun]:
    """Count a start of those that are open and nobody's; ``is_fresh``: that were never begun before."""
    with connection.cursor() as cursor:
        cursor.execute(BEGIN, {"ids": list(message_ids), "queue": queue, "is_fresh": is_fresh})
        return [Begun(*row) for row in cursor.fetchall()]


def find(message_id: str, queue: str) -> int | None:
    """The number of an open delivery."""
    with connection.cursor() as cursor:
        cursor.execute(FIND, {"id": message_id, "queue": queue})
        row = cursor.fetchone()
    return int(row[0]) if row else None


def hold(ids: Sequence[int]) -> set[int]:
    """Lock those that are open and nobody's, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [list(ids)])
        return {row[0] for row in cursor.fetchall()}


def mark_done(ids: Sequence[int]) -> None:
    """It was done; nobody begins it again."""
    with connection.cursor() as cursor:
        cursor.execute(DONE, [list(ids)])


def mark_dead(ids: Sequence[int], reason: str, error: str = "") -> None:
    """It is a dead letter, for a person to look at."""
    with connection.cursor() as cursor:
        cursor.execute(DEAD, {"ids": list(ids), "reason": reason, "error": error[:MOST_CHARACTERS]})


def mark_later(ids: Sequence[int], error: str, *, seconds: float, is_forgiven: bool) -> None:
    """Owe it to its queue again, after a while; ``is_forgiven``: this start is not counted."""
    with connection.cursor() as cursor:
        forgiven, told = int(is_forgiven), error[:MOST_CHARACTERS]
        values: dict[str, Any] = {"ids": list(ids), "seconds": seconds, "forgiven": forgiven, "error": told}
        cursor.execute(LATER, values)
