"""How long a call to PostgreSQL may take."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import psycopg2
from django.conf import settings

GRACE_SECONDS = 2.0  # the server's own statement_timeout comes first
LEAST_SECONDS = 0.05


class PostgresDeadlineError(psycopg2.OperationalError):
    """PostgreSQL did not answer in time; the connection is shut."""


class Budget:
    """How long a request, or a command, may still wait for PostgreSQL."""

    __slots__ = ("seconds",)

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


_budget: ContextVar[Budget | None] = ContextVar("postgres_budget", default=None)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let the calls inside wait for PostgreSQL this long in all, instead of 32 s each.

    Shorter for what a person waits for, longer for what is known to take its time. Only waiting
    counts. The server's ``statement_timeout`` holds as before.
    """
    outer, inner = _budget.get(), Budget(seconds)
    token = _budget.set(inner)
    try:
        yield
    finally:
        _budget.reset(token)
        if outer is not None:
            outer.seconds -= seconds - inner.seconds


def seconds_for_a_call() -> float:
    """How long the next call may take.

    Raises:
        PostgresDeadlineError: the budget is used up.
    """
    budget = _budget.get()
    if budget is None:
        return float(settings.DB_STATEMENT_TIMEOUT_MS / 1_000 + GRACE_SECONDS)
    if budget.seconds < LEAST_SECONDS:
        raise PostgresDeadlineError("The time for PostgreSQL is used up; nothing more was asked.")
    return budget.seconds


def spend(began: float) -> None:
    """Charge the wait that began then to the budget."""
    if (budget := _budget.get()) is not None:
        budget.seconds -= time.monotonic() - began
