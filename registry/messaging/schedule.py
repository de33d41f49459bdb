"""What runs at set times: each slot of the clock is one promise, whoever makes it and however often.

Slots are counted since 1970, so every clock has the same ones, and the slot is in the promise's key: two
schedulers side by side run nothing twice, and one that starts again needs to remember nothing.
"""

import logging
import time
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction

from registry.enums import OPEN_DELIVERIES
from registry.models import Delivery

from .promising import promise_task
from .registering import TASKS

logger = logging.getLogger(__name__)
MOST_SECONDS = 60.0


class Clock:
    """Promises what is due, and knows which slots it has seen to."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def promise_due(self, now: float | None = None) -> float:
        """Promise each entry of ``SCHEDULE`` whose slot has begun; returns the seconds until the next one.

        A slot whose forerunner waits still, as after hours without a worker, is passed over. An entry that
        is wrong is written to the log and stops no other.

        Raises:
            OperationalError, InterfaceError: PostgreSQL is away.
        """
        moment = time.time() if now is None else now
        waits = [MOST_SECONDS]
        for name, entry in settings.SCHEDULE.items():
            try:
                waits.append(self._see_to(name, entry, moment))
            except (OperationalError, InterfaceError):
                raise
            except Exception:
                logger.exception("%r of SCHEDULE can't be promised", name)
        return min(waits)

    def _see_to(self, name: str, entry: dict[str, Any], moment: float) -> float:
        seconds = float(entry["every_seconds"])
        slot = int(moment // seconds)
        if self._seen.get(name) != slot:
            _promise(name, entry, slot)
            self._seen[name] = slot
        return seconds - moment % seconds


def _promise(name: str, entry: dict[str, Any], slot: int) -> None:
    begins = datetime.fromtimestamp(slot * entry["every_seconds"], UTC)
    with transaction.atomic():
        if not _waits_still(name, entry["task"]):
            key = f"{name}@{begins:%Y-%m-%dT%H:%M:%SZ}"
            promise_task(entry["task"], key=key, **entry.get("arguments", {}))


def _waits_still(name: str, task: str) -> bool:
    return (
        task in TASKS
        and Delivery.objects.filter(
            queue=TASKS[task].queue,
            state__in=OPEN_DELIVERIES,
            message__name=task,
            message__key__startswith=f"{name}@",
        ).exists()
    )
