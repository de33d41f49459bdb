"""Applications are taken once, with their first step."""

import pytest

from features.models import Onboarding
from features.onboarding.submitting import submit, submit_many
from features.queries.onboardings import onboarding_with_id
from registry.exceptions import BadInputError, DuplicateNameError, IdempotencyKeyReusedError, NotFoundError
from registry.models import Message

from .people import applicant, standing

pytestmark = pytest.mark.django_db


def test_an_application_is_an_onboarding_with_its_first_step_promised() -> None:
    onboarding = submit(application=applicant())
    assert (onboarding.state, onboarding.customer_id) == ("running", onboarding.onboarding_id)
    assert standing(onboarding) == {"validate": "promised"}
    message = Message.objects.get()
    assert (message.name, message.key) == ("onboarding.validate", onboarding.onboarding_id)
    assert onboarding.steps.get().message_id == message.message_id


def test_a_wrong_application_changes_nothing() -> None:
    with pytest.raises(BadInputError):
        submit(application=applicant(email="nobody"))
    with pytest.raises(BadInputError):
        submit_many(applications=[applicant(), applicant(email="nobody")], source="file")
    assert not Onboarding.objects.exists()
    assert not Message.objects.exists()


def test_the_same_key_is_the_same_onboarding() -> None:
    first = submit(application=applicant(), idempotency_key="k")
    assert submit(application=applicant(), idempotency_key="k") == first
    assert Message.objects.count() == 1
    with pytest.raises(IdempotencyKeyReusedError):
        submit(application=applicant(name="Bea"), idempotency_key="k")


def test_an_email_or_customer_id_comes_in_once() -> None:
    first = submit(application=applicant(customer_id="7"))
    with pytest.raises(
        DuplicateNameError, match=f"email ada@example.com is taken by .*{first.onboarding_id}"
    ):
        submit(application=applicant(email="ADA@example.com"))
    with pytest.raises(DuplicateNameError, match="customer id 7 is taken"):
        submit(application=applicant(customer_id="7", email="other@example.com"))
    assert Onboarding.objects.count() == 1


def test_who_was_refused_may_try_again() -> None:
    first = submit(application=applicant(customer_id="7"))
    Onboarding.objects.update(state="refused", reason="no such city", ended_at=first.created_at)
    assert submit(application=applicant(customer_id="7")) != first


def test_of_many_those_that_are_known_are_left_out() -> None:
    submit(application=applicant())
    many = [applicant(email=f"{name}@example.com") for name in ("ada", "bea", "cora", "bea")]
    assert [each.email for each in submit_many(applications=many, source="file")] == [
        "bea@example.com",
        "cora@example.com",
    ]
    assert submit_many(applications=many, source="file") == []
    assert Message.objects.count() == 3


def test_an_id_of_nothing_is_not_found() -> None:
    for wrong in ("x", "0" * 32):
        with pytest.raises(NotFoundError):
            onboarding_with_id(wrong)
