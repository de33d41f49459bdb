"""The relay as a process: a thread a store, one for sagas, one for housekeeping.

Nothing that a store does ends it: PostgreSQL away, it asks again each second; another store away,
its thread waits longer each time, up to five seconds, and claims nothing.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import DatabaseError, InterfaceError, connection

from registry.enums import OutboxTarget

from . import wakeup
from .relay import relay_once
from .targets import TARGETS, TargetUnavailableError

logger = logging.getLogger(__name__)
POLL_SECONDS = 0.5
# A task of several steps promises the next one: its way is as many looks into the outbox.
QUICKER = {OutboxTarget.CELERY: 0.1}
LONGEST_WAIT_SECONDS = 5.0
POSTGRESQL_AWAY_SECONDS = 1.0
Step = Callable[[], int]


@dataclass
class Worker:
    """Repeats one step: at once while there is work, at each poll or notification where there is none.

    One that is not ``is_woken`` hears no notifications.
    """

    name: str
    step: Step
    stop: threading.Event
    poll_seconds: float = POLL_SECONDS
    is_woken: bool = True
    _failures: int = field(default=0, init=False)

    def run(self) -> None:
        """Work until told to stop."""
        try:
            while not self.stop.is_set():
                self._turn()
        finally:
            connection.close()

    def _turn(self) -> None:
        try:
            if self.step():
                self._failures = 0
                return
            self._failures = 0
            self._rest(self.poll_seconds)
        except TargetUnavailableError as error:
            if not self._failures:
                logger.warning("%s is away: %s", self.name, str(error)[:300])
            self._failures += 1
            self.stop.wait(min(POLL_SECONDS * 2**self._failures, LONGEST_WAIT_SECONDS))
        except (DatabaseError, InterfaceError) as error:
            logger.warning("PostgreSQL is away: %s", str(error)[:300])
            connection.close()
            self.stop.wait(POSTGRESQL_AWAY_SECONDS)
        except Exception:
            logger.exception("%s failed and goes on", self.name)
            self.stop.wait(POSTGRESQL_AWAY_SECONDS)

    def _rest(self, seconds: float) -> None:
        """Until a notification or the next poll."""
        if not self.is_woken:
            self.stop.wait(seconds)
            return
        if connection.connection is None:
            connection.ensure_connection()
        wakeup.listen()
        wakeup.wait(seconds)


def run(stop: threading.Event, extra: dict[str, tuple[Step, float]] | None = None) -> None:
    """Relay until ``stop`` is set, then finish what is in hand.

    Args:
        extra: other steps to repeat, each with its pause in seconds (sagas, housekeeping).
    """
    workers = [
        Worker(
            TARGETS[target].title,
            _relay_step(OutboxTarget(target)),
            stop,
            QUICKER.get(OutboxTarget(target), POLL_SECONDS),
        )
        for target in sorted(TARGETS)
    ]
    for name, (step, seconds) in (extra or {}).items():
        workers.append(Worker(name, step, stop, seconds, is_woken=False))
    threads = [threading.Thread(target=worker.run, name=worker.name, daemon=True) for worker in workers]
    for thread in threads:
        thread.start()
    while not stop.wait(1):
        pass
    for thread in threads:
        thread.join(timeout=10)


def _relay_step(target: OutboxTarget) -> Step:
    return lambda: relay_once(target)
