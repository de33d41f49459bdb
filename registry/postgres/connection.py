"""Connections to PostgreSQL whose every call has a deadline and passes the circuit breaker.

Given to Django as ``connection_factory`` (settings/stores.py), so that the ORM, raw cursors, COPY,
health checks, commits and connecting itself are all covered.
"""

import math
import time
from collections.abc import Callable
from typing import Any

import psycopg2
from django.conf import settings
from psycopg2.extensions import STATUS_BEGIN, connection

from registry.breakers import POSTGRESQL

from .cursors import GuardedCursor, GuardedNamedCursor
from .deadlines import PostgresDeadlineError, seconds_for_a_call, spend
from .watchdog import WATCHDOG

ROLLBACK_SECONDS = 1.0
HEALTHY_SECONDS = 0.5


class PostgresSuspendedError(psycopg2.OperationalError):
    """PostgreSQL failed a moment ago and is left alone for a while."""


class GuardedConnection(connection):
    """A connection whose every call has a deadline.

    Raises:
        PostgresSuspendedError: the breaker is open; at once.
        PostgresDeadlineError: no answer in time.
    """

    def __init__(self, dsn: str, *args: Any, **named: Any) -> None:
        # libpq counts in whole seconds, and the last word in a DSN wins.
        longest = settings.DB_CONNECT_TIMEOUT_SECONDS
        seconds = max(1, min(longest, math.floor(seconds_for_a_call())))
        if not POSTGRESQL.admits():
            raise _suspended()
        self._dsn = dsn
        self.prepared: set[str] = set()
        self._answered_at = 0.0
        began = time.monotonic()
        try:
            super().__init__(f"{dsn} connect_timeout={seconds}", *args, **named)
        except psycopg2.OperationalError as error:
            # FATAL is the server's own word: it lives, be the password wrong or every place taken.
            _report(is_alive="FATAL:" in str(error))
            raise
        except BaseException:
            POSTGRESQL.abandoned()
            raise
        finally:
            spend(began)
        # That it lets in does not say that it answers statements: the first one is the probe.
        POSTGRESQL.abandoned()

    @property
    def answered_lately(self) -> bool:
        """Whether it answered so short a time ago that a health check is not worth its round trip."""
        return not self.closed and time.monotonic() - self._answered_at < HEALTHY_SECONDS

    def cursor(self, name: Any = None, **named: Any) -> Any:  # type: ignore[override]
        """A cursor; one with a name reads its rows from the server bit by bit."""
        named["cursor_factory"] = GuardedCursor if name is None else GuardedNamedCursor
        return super().cursor(name, **named)

    def commit(self) -> Any:
        if self.status != STATUS_BEGIN:
            return super().commit()  # asks nothing of the server
        return self.guarded(None, super().commit)

    def rollback(self) -> Any:
        if self.status != STATUS_BEGIN:
            return super().rollback()
        # Also when the time is used up, so that a healthy connection can be kept.
        return self._watched(ROLLBACK_SECONDS, super().rollback)

    def guarded(self, at_most: float | None, call: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """Make a call under the deadline; a transaction under way is not stopped by an open breaker."""
        seconds = seconds_for_a_call()
        if not POSTGRESQL.admits() and self.status != STATUS_BEGIN:
            raise _suspended()
        return self._watched(min(seconds, at_most) if at_most else seconds, call, *args, **named)

    def _watched(self, seconds: float, call: Callable[..., Any], *args: Any, **named: Any) -> Any:
        began = time.monotonic()
        watch = WATCHDOG.watch(self, seconds, self._dsn)
        is_in_time = True
        try:
            result = call(*args, **named)
        except BaseException as error:
            is_in_time = WATCHDOG.release(watch)
            self._judge(error, is_in_time=is_in_time)
            if is_in_time:
                raise
            raise PostgresDeadlineError(f"PostgreSQL did not answer within {seconds:.1f} s.") from error
        else:
            WATCHDOG.release(watch)
            POSTGRESQL.succeeded()
            self._answered_at = time.monotonic()
            return result
        finally:
            spend(began)

    def _judge(self, error: BaseException, *, is_in_time: bool) -> None:
        """Tell the breaker. A broken connection alone says nothing: the next connect does."""
        if not is_in_time:
            POSTGRESQL.failed()
        elif isinstance(error, psycopg2.Error) and not self.closed:
            POSTGRESQL.succeeded()
        else:
            POSTGRESQL.abandoned()


def _suspended() -> PostgresSuspendedError:
    return PostgresSuspendedError(
        f"PostgreSQL did not answer and is left alone for {POSTGRESQL.seconds_left:.1f} s more."
    )


def _report(*, is_alive: bool) -> None:
    if is_alive:
        POSTGRESQL.succeeded()
    else:
        POSTGRESQL.failed()
