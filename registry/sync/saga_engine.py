"""Running sagas: every step is written down in the transaction that makes it.

Whoever begins a saga also runs it; if that process dies, or a store is away, the relay takes it on.
A row lock keeps two from running one saga, the time ``next_at`` keeps the relay off one that is being
run. A refusal before the pivot undoes what was done, in reverse; after it a saga only goes forward.
"""

import datetime as dt
import logging
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import DatabaseError, InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.utils import timezone

from registry.crash_points import crash_point
from registry.enums import SagaState, SagaStepState
from registry.exceptions import ConflictError, NotFoundError, RegistryError, StoreUnavailableError
from registry.models import Saga, SagaStep

from .saga_kinds import AGAIN, KINDS, SagaKind, Step
from .targets import TargetUnavailableError

logger = logging.getLogger(__name__)
LEASE = dt.timedelta(seconds=10)
MAX_ATTEMPTS = 15
LONGEST_DELAY_SECONDS = 60
OPEN = (SagaState.RUNNING, SagaState.COMPENSATING)
AWAY = (StoreUnavailableError, TargetUnavailableError, OperationalError, InterfaceError)


def begin(
    kind: SagaKind, *, aggregate_id: str, data: dict[str, Any] | None = None, user: User | None = None
) -> Saga:
    """Write a saga down in the running transaction; run it with :func:`advance` after the commit.

    Raises:
        RuntimeError: no transaction is open.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("begin() belongs inside the transaction that makes the first change.")
    now = timezone.now()
    saga = Saga.objects.create(
        kind=kind.name,
        aggregate_id=aggregate_id,
        data=data or {},
        deadline_at=now + dt.timedelta(minutes=kind.minutes),
        next_at=now + LEASE,
        created_by=user,
    )
    SagaStep.objects.bulk_create(
        [SagaStep(saga=saga, position=number, name=step.name) for number, step in enumerate(kind.steps)]
    )
    return saga


def advance(saga_id: str) -> Saga:
    """Run a saga as far as it goes now: to its end, or until a store is away.

    Raises:
        RegistryError: why it was refused; everything that it had done was undone.
    """
    crash_point("saga.after_begin")
    refusal: RegistryError | None = None
    while True:
        try:
            if _turn(saga_id):
                break
        except AWAY as error:
            _wait(saga_id, error)
            break
        except RegistryError as error:
            refusal = refusal or error
            if not _refuse(saga_id, error):
                break
        except Exception as error:
            logger.exception("The saga %s failed at a step", saga_id)
            _wait(saga_id, error)
            break
    saga = find_saga(saga_id)
    if refusal is not None and saga.state == SagaState.COMPENSATED:
        raise refusal
    return saga


def find_saga(saga_id: str) -> Saga:
    """The saga with this public id.

    Raises:
        NotFoundError: there is none.
    """
    try:
        return Saga.objects.get(saga_id=saga_id)
    except (Saga.DoesNotExist, ValidationError) as error:
        raise NotFoundError(f"There is no saga with id {saga_id!r}.") from error


def resume(saga_id: str) -> Saga:
    """Take a saga on at once, also one that is stuck."""
    with transaction.atomic():
        saga = _locked(saga_id)
        if saga.state == SagaState.STUCK:
            saga.state = SagaState.RUNNING
        if saga.state in OPEN:
            saga.attempts = 0
            _save(saga, "state", "attempts")
    return advance(saga_id)


def abort(saga_id: str) -> Saga:
    """Undo a saga that has not passed its pivot.

    Raises:
        ConflictError: it has, or it has ended.
    """
    with transaction.atomic():
        saga = _locked(saga_id)
        if saga.state not in (*OPEN, SagaState.STUCK):
            raise ConflictError(f"The saga has ended ({saga.get_state_display().lower()}).")
        if _is_past_pivot(saga):
            raise ConflictError("The saga is past the point of no return; it only goes forward: resume it.")
        saga.state = SagaState.COMPENSATING
        saga.last_error = "Aborted by a person."
        _save(saga, "state", "last_error")
    return advance(saga_id)


def resume_due() -> int:
    """Take on one saga that nobody runs; returns how many there were (0 or 1)."""
    with transaction.atomic():
        free = Saga.objects.select_for_update(skip_locked=True)
        due = free.filter(state__in=OPEN, next_at__lte=timezone.now())
        saga = due.order_by("next_at").first()
        if saga is None:
            return 0
        _save(saga)
    try:
        advance(saga.saga_id)
    except RegistryError as error:
        logger.warning("The saga %s was undone: %s", saga.saga_id, error)
    return 1


def _turn(saga_id: str) -> bool:
    """One step forward, or one back; True at the end. Each in one transaction."""
    saga = find_saga(saga_id)
    if saga.state not in OPEN:
        return True
    if saga.state == SagaState.COMPENSATING:
        crash_point("saga.before_compensation")
        return _undo_one(saga_id)
    step = _next_step(saga)
    if step is not None and step.check is not None:
        step.check(saga)
    crash_point("saga.before_step")
    is_over = _do_one(saga_id)
    crash_point("saga.after_step")
    return is_over


def _do_one(saga_id: str) -> bool:
    with transaction.atomic():
        saga = _locked(saga_id)
        step = _next_step(saga)
        if saga.state != SagaState.RUNNING:
            return saga.state != SagaState.COMPENSATING
        if step is None:
            crash_point("saga.before_end")
            saga.state = SagaState.DONE
            _save(saga, "state")
            return True
        if step.do is not None and step.do(saga) is AGAIN:
            saga.steps.filter(name=step.name).update(result={"rounds": True})
        else:
            _mark(saga, step.name, SagaStepState.DONE)
        saga.attempts = 0
        _save(saga, "attempts", "data")
    return False


def _undo_one(saga_id: str) -> bool:
    with transaction.atomic():
        saga = _locked(saga_id)
        if saga.state != SagaState.COMPENSATING:
            return True
        done = saga.steps.filter(state=SagaStepState.DONE).order_by("-position").first()
        if done is None:
            saga.state = SagaState.COMPENSATED
            _save(saga, "state")
            return True
        step = _step(saga, done.name)
        if step.undo is not None:
            step.undo(saga)
        _mark(saga, step.name, SagaStepState.COMPENSATED)
        _save(saga, "data")
    crash_point("saga.after_compensation")
    return False


def _refuse(saga_id: str, error: RegistryError) -> bool:
    """Turn back where that is still possible; False where it isn't."""
    with transaction.atomic():
        saga = _locked(saga_id)
        step = _next_step(saga)
        saga.last_error = str(error)[:2_000]
        if saga.state == SagaState.COMPENSATING or _is_past_pivot(saga):
            saga.state = SagaState.STUCK
        else:
            saga.state = SagaState.COMPENSATING
        if step is not None:
            _mark(saga, step.name, SagaStepState.FAILED, saga.last_error)
        _save(saga, "state", "last_error")
        return saga.state == SagaState.COMPENSATING


def _wait(saga_id: str, error: Exception) -> None:
    """Try again later, each time twice as late; undone or stuck where that never helps."""
    logger.warning("The saga %s waits: %s", saga_id, error)
    try:
        with transaction.atomic():
            saga = _locked(saga_id)
            saga.attempts += 1
            saga.last_error = f"{type(error).__name__}: {error}"[:2_000]
            delay = dt.timedelta(seconds=min(2**saga.attempts, LONGEST_DELAY_SECONDS))
            is_late = saga.deadline_at is not None and timezone.now() > saga.deadline_at
            is_hopeless = saga.attempts > MAX_ATTEMPTS and not isinstance(error, AWAY)
            if saga.state == SagaState.RUNNING and not _is_past_pivot(saga) and (is_late or is_hopeless):
                saga.state = SagaState.COMPENSATING
            elif is_hopeless:
                saga.state = SagaState.STUCK
            _save(saga, "state", "attempts", "last_error", next_at=timezone.now() + delay)
    except (DatabaseError, InterfaceError):
        logger.warning("PostgreSQL is away; the saga %s goes on when its time comes", saga_id)


def _locked(saga_id: str) -> Saga:
    saga = Saga.objects.select_for_update(of=("self",)).filter(saga_id=saga_id).first()
    if saga is None:
        raise NotFoundError(f"There is no saga with id {saga_id!r}.")
    return saga


def _save(saga: Saga, *fields: str, next_at: dt.datetime | None = None) -> None:
    saga.version += 1
    saga.next_at = next_at or timezone.now() + LEASE
    saga.save(update_fields=[*fields, "version", "next_at", "updated_at"])


def _mark(saga: Saga, name: str, state: SagaStepState, error: str = "") -> None:
    step = saga.steps.get(name=name)
    step.state, step.last_error = state, error
    step.attempts += 1
    step.save(update_fields=["state", "last_error", "attempts", "updated_at"])


def _next_step(saga: Saga) -> Step | None:
    waiting = saga.steps.exclude(state=SagaStepState.DONE).order_by("position").first()
    return _step(saga, waiting.name) if waiting else None


def _step(saga: Saga, name: str) -> Step:
    return next(step for step in KINDS[saga.kind].steps if step.name == name)


def _is_past_pivot(saga: Saga) -> bool:
    """Whether the deciding step is done, or a part of it is."""
    pivot = saga.steps.filter(name=KINDS[saga.kind].pivot)
    return pivot.filter(Q(state=SagaStepState.DONE) | Q(result__isnull=False)).exists()
