"""Applicants, and how their steps are run without a broker."""

from typing import Any

from django.db import transaction

from features.models import Onboarding, OnboardingStep
from features.onboarding.applications import Application
from registry.messaging.registering import TASKS

Name = OnboardingStep.Name


def applicant(**fields: Any) -> Application:
    usual = {"name": "Ada Lima", "email": "ada@example.com", "city": "Lyon", "country": "FR"}
    return Application(**usual | fields)


def run(onboarding: Onboarding, name: str) -> Onboarding:
    """One step, as a worker runs it."""
    with transaction.atomic():
        TASKS[f"onboarding.{name}"].function(onboarding_id=str(onboarding.onboarding_id))
    onboarding.refresh_from_db()
    return onboarding


def run_to(onboarding: Onboarding, last: str) -> Onboarding:
    """All steps up to this one."""
    for name in Name:
        run(onboarding, name)
        if name == last:
            break
    return onboarding


def standing(onboarding: Onboarding) -> dict[str, str]:
    """Each step that it has come to, with its state."""
    return dict(onboarding.steps.order_by("pk").values_list("name", "state"))
