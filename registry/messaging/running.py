"""Running one message: counted, done and marked as done in one transaction, or failed and owed again.

Whoever gets a message calls this, then acknowledges it, whatever came of it: what is left to do is in
PostgreSQL. Only where PostgreSQL is away for long does it raise, and the broker keeps the message.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Any

from django.db import transaction

from registry.crash_points import crash_point
from registry.exceptions import ConflictError, RefusedError
from registry.postgres.one_at_a_time import one_at_a_time

from . import marks
from .failing import failed, is_worn_out
from .marks import Begun
from .patience import patiently, require, session
from .registering import TaskSpec

LOCK = 0x6D657373  # "mess": with the delivery's number, one run of it at a time


class Outcome(StrEnum):
    """What came of a message."""

    DONE = "done"
    FAILED = "failed"
    DUPLICATE = "duplicate"


def run_task(spec: TaskSpec, message_id: str, arguments: dict[str, Any]) -> Outcome:
    """Run a task once, if it is owed still.

    Raises:
        PostgresqlAwayError: PostgreSQL is away.
    """
    work = partial(_call, spec, arguments)
    if spec.is_atomic:
        return run_alone(message_id, spec.queue, work, max_attempts=spec.max_attempts)
    return patiently(partial(_run_long, spec, message_id, work))


def run_alone(message_id: str, queue: str, work: Callable[[int], None], *, max_attempts: int) -> Outcome:
    """Do what one message asks for, in one transaction with the mark that it is done.

    Args:
        work: is given how often this was begun.

    Raises:
        PostgresqlAwayError: PostgreSQL is away.
    """
    begun = patiently(partial(marks.begin, [message_id], queue))
    if not begun:
        return Outcome.DUPLICATE
    return run_begun(begun[0], work, max_attempts=max_attempts)


def run_begun(begun: Begun, work: Callable[[int], None], *, max_attempts: int) -> Outcome:
    """The same for one that was counted already.

    Raises:
        PostgresqlAwayError: PostgreSQL is away.
    """
    crash_point("work.after_count")
    if patiently(partial(is_worn_out, begun, max_attempts)):
        return Outcome.FAILED
    return patiently(partial(_run_atomic, begun, work, max_attempts))


def _run_atomic(begun: Begun, work: Callable[[int], None], max_attempts: int) -> Outcome:
    before = session()
    try:
        with transaction.atomic():
            if not marks.hold([begun.id]):
                return Outcome.DUPLICATE
            work(begun.attempts)
            marks.mark_done([begun.id])
            crash_point("work.before_commit")
    except Exception as error:  # noqa: BLE001 (whatever it is, the message must not be lost)
        return _failed(begun, error, max_attempts, before)
    crash_point("work.after_commit")
    return Outcome.DONE


def _run_long(spec: TaskSpec, message_id: str, work: Callable[[int], None]) -> Outcome:
    """Without a transaction around it, but with a lock of the session."""
    delivery = marks.find(message_id, spec.queue)
    if delivery is None:
        return Outcome.DUPLICATE
    try:
        with one_at_a_time((LOCK, delivery % 2**31), otherwise="It is being run."):
            begun = marks.begin([message_id], spec.queue)
            return _run_locked(begun[0], work, spec.max_attempts) if begun else Outcome.DUPLICATE
    except ConflictError:
        return Outcome.DUPLICATE


def _run_locked(begun: Begun, work: Callable[[int], None], max_attempts: int) -> Outcome:
    crash_point("work.after_count")
    if is_worn_out(begun, max_attempts):
        return Outcome.FAILED
    before = session()
    try:
        work(begun.attempts)
        marks.mark_done([begun.id])
    except Exception as error:  # noqa: BLE001 (as above)
        return _failed(begun, error, max_attempts, before)
    return Outcome.DONE


def _failed(begun: Begun, error: Exception, max_attempts: int, before: Any) -> Outcome:
    require(before, error)
    failed(begun, error, max_attempts=max_attempts)
    return Outcome.FAILED


def _call(spec: TaskSpec, arguments: dict[str, Any], _attempts: int) -> None:
    try:
        spec.function(**arguments)
    except TypeError as error:
        if error.__traceback__ and error.__traceback__.tb_next is None:  # of the call, not of what it does
            raise RefusedError(f"{spec.name} does not take these arguments: {error}") from error
        raise
