"""How an onboarding goes from step to step: the end of one and the promise of the next commit together."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models.functions import Now

from features.models import Onboarding, OnboardingStep
from registry.messaging import promise_task, promise_tasks

from .errors import RefusedApplicationError

Name = OnboardingStep.Name
State = OnboardingStep.State
Work = Callable[[Onboarding], None]
ORDER = list(Name)

# now() is when the attempt's transaction began
END = """
UPDATE features_onboardingstep SET state = %(state)s, started_at = now(), ended_at = clock_timestamp()
WHERE onboarding_id = %(onboarding)s AND name = %(name)s
"""


def begin(onboardings: Sequence[Onboarding], name: Name) -> None:
    """Promise a step's task for each of these, in the running transaction (two statements).

    Raises:
        RuntimeError: no transaction is open.
    """
    if not onboardings:
        return
    ids = [str(onboarding.onboarding_id) for onboarding in onboardings]
    messages = promise_tasks(
        task_name(name), [{"onboarding_id": onboarding_id} for onboarding_id in ids], keys=ids
    )
    OnboardingStep.objects.bulk_create(
        OnboardingStep(onboarding=onboarding, name=name, message_id=message_id)
        for onboarding, message_id in zip(onboardings, messages, strict=True)
    )


def promise_again(step: OnboardingStep) -> None:
    """Promise a step's task anew, in the running transaction, where its message was dropped or is gone.

    Raises:
        RuntimeError: no transaction is open.
    """
    onboarding_id = str(step.onboarding.onboarding_id)
    step.message_id = promise_task(
        task_name(step.name), key=f"{onboarding_id}:{step.message_id}", onboarding_id=onboarding_id
    )
    step.save(update_fields=["message_id"])


def run(name: Name, onboarding_id: str, work: Work) -> None:
    """Do one step's work and promise the next, in the running transaction: all of it or nothing.

    What the work refuses ends the onboarding with the reason: no attempt would change it. Anything else
    that fails rolls back, and the step alone is tried again.
    """
    onboarding = _locked(name, onboarding_id)
    if onboarding is None:
        return
    try:
        with transaction.atomic():
            work(onboarding)
    except RefusedApplicationError as error:
        _end_step(onboarding, name, State.REFUSED)
        _end(onboarding, Onboarding.State.REFUSED, reason=str(error))
        return
    _end_step(onboarding, name, State.DONE)
    if name == ORDER[-1]:
        _end(onboarding, Onboarding.State.DONE)
    else:
        begin([onboarding], ORDER[ORDER.index(name) + 1])


def task_name(name: str) -> str:
    """What a step's task is called."""
    return f"onboarding.{name}"


def _locked(name: Name, onboarding_id: str) -> Onboarding | None:
    """The onboarding, while it waits for this step: a deleted one, or one that is further, does not."""
    waiting = Onboarding.objects.filter(steps__name=name, steps__state=State.PROMISED)
    locked = waiting.select_for_update(of=("self",)).select_related("city__country")
    return locked.filter(onboarding_id=onboarding_id, state=Onboarding.State.RUNNING).first()


def _end_step(onboarding: Onboarding, name: Name, state: State) -> None:
    values: dict[str, Any] = {"state": state.value, "onboarding": onboarding.pk, "name": name.value}
    with connection.cursor() as cursor:
        cursor.execute(END, values)


def _end(onboarding: Onboarding, state: Onboarding.State, *, reason: str = "") -> None:
    Onboarding.objects.filter(pk=onboarding.pk).update(state=state, reason=reason, ended_at=Now())
