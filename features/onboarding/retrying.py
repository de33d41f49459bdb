"""Trying the step again that holds an onboarding up: its dead letter once more, or a new promise."""

from django.db import transaction

from features.models import Onboarding, OnboardingStep
from features.queries.onboardings import stuck_onboardings
from registry.exceptions import ConflictError
from registry.messaging.awaited import is_awaited
from registry.messaging.dead_letters import Choice, replay

from .steps import promise_again


def retry_stuck(onboarding: Onboarding | None = None) -> int:
    """Try again what is stuck: this one's step, or everyone's; returns how many.

    A dead letter is owed to its queue again. One that was dropped is not: its step is promised anew.

    Raises:
        ConflictError: this one is not held up; the message says how it stands.
    """
    stuck = stuck_onboardings()
    if onboarding is None:
        return sum(_retry(message_id) for message_id in stuck.values())
    if onboarding.pk not in stuck:
        onboarding.refresh_from_db()
        cure = f": {onboarding.reason} Submit it again." if onboarding.reason else "."
        raise ConflictError(f"The onboarding is {onboarding.state}, nothing holds it up{cure}")
    return _retry(stuck[onboarding.pk])


def _retry(message_id: str) -> int:
    replayed = sum(replay(Choice(message_id=message_id)))
    if replayed:
        return replayed
    with transaction.atomic():
        # locked: of two who retry, the second finds another message and leaves it
        waiting = OnboardingStep.objects.filter(message_id=message_id, state=OnboardingStep.State.PROMISED)
        step = waiting.select_for_update(of=("self",)).select_related("onboarding").first()
        if step is None or is_awaited(message_id):
            return 0
        promise_again(step)
    return 1
