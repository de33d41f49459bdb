"""The whole way through the broker: what dies, fails or is away on it, and what is left then."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from pymongo.database import Database

from features.models import Customer, Onboarding
from features.onboarding import retrying, work
from features.onboarding.retrying import retry_stuck
from features.onboarding.submitting import submit, submit_many
from features.online import profiles
from features.queries.onboardings import GONE, onboarding_figures, onboarding_story, stuck_onboardings
from features.seeding.history import apply_definitions
from features.services.push import promise_features
from registry.exceptions import ConflictError
from registry.messaging import Queues
from registry.messaging.dead_letters import Choice, drop
from registry.messaging.forgetting import forget_messages
from registry.models import Delivery, Message
from registry.sync.relay import drain
from tests.working import work as do_what_waits

from .people import applicant

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("broker", "redis_keys", "_views"),
]


@pytest.fixture
def _views() -> None:
    apply_definitions()


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """What the step of the document fails with, one after the other; then it goes through."""
    errors: list[Exception] = []
    rightly = work.promise_customer

    def promise_customer(*args: Any, **kwargs: Any) -> None:
        rightly(*args, **kwargs)
        if errors:
            raise errors.pop(0)

    monkeypatch.setattr(work, "promise_customer", promise_customer)
    return errors


def standing(onboarding: Onboarding) -> tuple[str, dict[str, str]]:
    story = onboarding_story(str(onboarding.onboarding_id))
    return story.state, {step.name: step.state for step in story.steps}


def run_all() -> None:
    do_what_waits(Queues.ONBOARDING, is_early=True)


def test_many_come_in_at_once(mongo: Database[dict[str, Any]]) -> None:
    people = [applicant(name=f"Ada {letter}", email=f"{letter}@example.com") for letter in "abc"]
    submit_many(applications=people, source="file")
    run_all()
    drain()
    figures = onboarding_figures()
    assert (figures.done, figures.total, Customer.objects.count()) == (3, 3, 3)
    assert mongo["customers"].count_documents({}) == 3
    assert figures.median_seconds is not None
    assert all(step.working_seconds is not None and not step.waiting for step in figures.steps)


def test_a_step_that_fails_twice_goes_through_alone(failing: list[Exception]) -> None:
    onboarding = submit(application=applicant())
    failing += [ZeroDivisionError("once"), ZeroDivisionError("twice")]
    do_what_waits(Queues.ONBOARDING)
    held_up = onboarding_story(str(onboarding.onboarding_id)).steps[2]
    assert (held_up.state, held_up.problem) == ("retrying", "ZeroDivisionError: once")
    run_all()
    story = onboarding_story(str(onboarding.onboarding_id))
    assert story.state == "done"
    assert [step.attempts for step in story.steps] == [1, 1, 3, 1, 1, 1]
    assert Customer.objects.count() == 1


def test_a_step_that_always_fails_is_a_dead_letter_that_can_be_taken_on(failing: list[Exception]) -> None:
    onboarding = submit(application=applicant())
    failing += [ZeroDivisionError("always")] * 5
    run_all()
    state, steps = standing(onboarding)
    assert (state, steps["locate"], steps["store"], steps["features"]) == (
        "stuck",
        "done",
        "stuck",
        "waiting",
    )
    assert (onboarding_figures().stuck, Customer.objects.count()) == (1, 0)
    assert Delivery.objects.get(state="dead").message.name == "onboarding.store"
    assert retry_stuck(onboarding) == 1
    run_all()
    assert standing(onboarding)[0] == "done"
    with pytest.raises(ConflictError, match="done"):
        retry_stuck(onboarding)


def test_a_dropped_dead_letter_locks_nobody_out(failing: list[Exception]) -> None:
    onboarding = submit(application=applicant())
    failing += [ZeroDivisionError("always")] * 10
    run_all()
    assert sum(drop(Choice())) == 1
    story = onboarding_story(str(onboarding.onboarding_id))
    assert story.state == "stuck"
    assert story.steps[2].problem.endswith("ZeroDivisionError: always")
    assert retry_stuck() == 1
    assert standing(onboarding)[0] == "running"
    run_all()
    assert standing(onboarding)[0] == "stuck"
    sum(drop(Choice()))
    assert forget_messages(older_than=dt.timedelta(0))
    story = onboarding_story(str(onboarding.onboarding_id))
    assert (story.state, story.steps[2].problem, onboarding_figures().stuck) == ("stuck", GONE, 1)
    assert (retry_stuck(onboarding), retry_stuck()) == (1, 0)
    run_all()
    assert standing(onboarding)[0] == "done"
    assert Customer.objects.count() == 1


def test_of_two_who_retry_one_promises(monkeypatch: pytest.MonkeyPatch) -> None:
    onboarding = submit(application=applicant())
    Delivery.objects.all().delete()
    seen = stuck_onboardings()
    assert retry_stuck() == 1
    monkeypatch.setattr(retrying, "stuck_onboardings", lambda: seen)
    assert retry_stuck(onboarding) == 0
    Onboarding.objects.get().steps.update(message_id=seen[onboarding.pk])
    Delivery.objects.update(message=Message.objects.get(message_id=seen[onboarding.pk]))
    assert retry_stuck(onboarding) == 0


def test_a_refusal_is_no_dead_letter() -> None:
    onboarding = submit(application=applicant(city="Lyno"))
    run_all()
    state, steps = standing(onboarding)
    assert (state, steps["locate"], steps["store"]) == ("refused", "refused", "waiting")
    assert not Delivery.objects.filter(state="dead").exists()
    with pytest.raises(ConflictError, match="Was it Lyon"):
        retry_stuck(onboarding)


def test_while_redis_is_away_the_profile_waits_and_no_attempt_is_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    onboarding = submit(application=applicant())
    with monkeypatch.context() as patched:
        patched.setattr(profiles, "look_up", lambda _: profiles.ProfileLookup(is_away=True))
        do_what_waits(Queues.ONBOARDING)
    story = onboarding_story(str(onboarding.onboarding_id))
    assert (story.steps[4].state, story.steps[4].attempts) == ("retrying", 0)
    run_all()
    assert standing(onboarding)[0] == "done"


def test_features_are_promised_inside_a_transaction_alone() -> None:
    with pytest.raises(RuntimeError, match="inside a transaction"):
        promise_features(view="customer_rfm", rows=[])


def test_mongodb_being_away_keeps_nobody_out(mongodb_away: Callable[[], None]) -> None:
    onboarding = submit(application=applicant())
    run_all()
    assert standing(onboarding)[0] == "done"
    mongodb_away()
    assert drain() >= 1
