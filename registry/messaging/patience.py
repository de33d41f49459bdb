"""Waiting for PostgreSQL: a message in hand is held until it is back, neither lost nor counted."""

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import Error, InterfaceError, OperationalError, connection

logger = logging.getLogger(__name__)
PAUSE_SECONDS = 0.5
LONGEST_SECONDS = 300.0
Result = TypeVar("Result")


class SessionLostError(Exception):
    """The session with PostgreSQL ended in the middle of the work, and the transaction with it."""


class PostgresqlAwayError(Exception):
    """PostgreSQL has been away for long: the broker may keep the message."""


def patiently(step: Callable[[], Result]) -> Result:
    """Do a step, again where PostgreSQL went away in it, once it is back.

    Raises:
        PostgresqlAwayError: it was away for five minutes, or went away in the step for so long.
    """
    until = time.monotonic() + LONGEST_SECONDS
    while True:
        try:
            return step()
        except SessionLostError as error:
            logger.warning("PostgreSQL went away in the work: %s", str(error)[:300])
            _wait(until, error)
        except (OperationalError, InterfaceError) as error:
            if connection.in_atomic_block or is_there():
                raise
            logger.warning("PostgreSQL is away: %s", str(error)[:300])
            _wait(until, error)


def session() -> Any:
    """The session of this thread, opened where there is none; to be compared after an error."""
    connection.ensure_connection()
    return connection.connection


def require(before: Any, error: Exception) -> None:
    """See that the session is still the one that it was.

    Raises:
        SessionLostError: it was lost, perhaps replaced (Django opens one when it leaves a transaction).
    """
    is_of_postgresql = isinstance(error, OperationalError | InterfaceError)
    if is_of_postgresql and (connection.connection is not before or not connection.is_usable()):
        raise SessionLostError(str(error)) from error


def is_there() -> bool:
    """Whether the session answers."""
    return connection.connection is not None and connection.is_usable()


def _wait(until: float, cause: Exception) -> None:
    time.sleep(PAUSE_SECONDS)
    while time.monotonic() < until:
        connection.close()
        try:
            connection.ensure_connection()
        except Error:
            time.sleep(PAUSE_SECONDS)
        else:
            return
    raise PostgresqlAwayError(str(cause)) from cause
