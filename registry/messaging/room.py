"""Which queues are full: what more is owed to them waits in PostgreSQL, where it lies anyway.

Else a night without consumers would fill the broker, and Redis keeps more than messages. What is held back
has no row in the outbox; the sweep (:mod:`.sweeping`) owes it again, the oldest first, where there is room.
"""

import time
from collections import Counter
from collections.abc import Sequence

from django.db import connection

from registry.enums import DeliveryState

from .owed import MINE, OPEN, Owed
from .topology import QUEUES

MOST_AT_BROKER = 10_000
COUNT_SECONDS = 1.0

AT_BROKER = f"""
SELECT queue, count(*) FROM registry_delivery
WHERE state IN ({OPEN}) AND state = '{DeliveryState.PUBLISHED.value}' GROUP BY queue
"""  # noqa: S608 (made of constants)
HOLD_BACK = f"""
UPDATE registry_delivery SET state = '{DeliveryState.WAITING.value}'
WHERE id = ANY(ARRAY(
    SELECT mine.id FROM unnest(%(ids)s::uuid[], %(queues)s::text[]) AS named (message_id, queue), {MINE}))
"""  # noqa: S608 (made of constants)


class Room:
    """What lies at the broker, counted once a second, and what was published since."""

    def __init__(self) -> None:
        self._counted = float("-inf")
        self._there: Counter[str] = Counter()

    def within(self, due: Sequence[Owed]) -> list[Owed]:
        """What there is room for; the rest is held back.

        A queue with priorities is never full: what is urgent may not wait behind what is not.
        """
        self._count()
        held = []
        for each in due:
            full = [queue for queue in each.queues if self._is_full(queue)]
            held += [(each.message.message_id, queue) for queue in full]
            each.queues = [queue for queue in each.queues if queue not in full]
            self._there.update(each.queues)
        if held:
            values = {"ids": [each for each, _ in held], "queues": [queue for _, queue in held]}
            with connection.cursor() as cursor:
                cursor.execute(HOLD_BACK, values)
        return [each for each in due if each.queues]

    def _is_full(self, queue: str) -> bool:
        spec = QUEUES.get(queue)  # type: ignore[call-overload]
        return self._there[queue] >= MOST_AT_BROKER and spec is not None and not spec.is_priority

    def _count(self) -> None:
        if time.monotonic() - self._counted < COUNT_SECONDS:
            return
        self._there, self._counted = at_broker(), time.monotonic()


def at_broker() -> Counter[str]:
    """How many deliveries of each queue are published and open."""
    with connection.cursor() as cursor:
        cursor.execute(AT_BROKER)
        return Counter(dict(cursor.fetchall()))
