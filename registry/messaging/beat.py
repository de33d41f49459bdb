"""Celery's beat with promises instead of messages (see ``schedule.py``)."""

import logging
from typing import Any

from celery.beat import Scheduler
from django.db import DatabaseError, connection

from .schedule import Clock

logger = logging.getLogger(__name__)
RETRY_SECONDS = 2.0


class PromisingScheduler(Scheduler):  # type: ignore[misc]
    """Promises what ``SCHEDULE`` says; keeps no file, and any number may run side by side."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._clock = Clock()
        super().__init__(*args, **kwargs)

    def tick(self, *_: Any, **__: Any) -> float:
        """Promise what is due; returns the seconds to sleep. Whatever fails, beat goes on."""
        try:
            return min(self._clock.promise_due(), float(self.max_interval))
        except DatabaseError as error:
            logger.warning("Nothing could be promised, PostgreSQL is away: %s", error)
            if not connection.in_atomic_block:
                connection.close()  # it may be the connection that is broken
        except Exception:
            logger.exception("Nothing could be promised")
        return RETRY_SECONDS
