"""What a child of the zygote may be told to do about new customers."""

from typing import Any

from django.db import connection

from features.models import Customer, FeatureValue, Onboarding
from features.onboarding.applications import Application
from features.onboarding.submitting import submit_many
from features.queries.onboardings import onboarding_figures
from features.services.definitions import apply_definitions
from registry.documents.connection import collection
from registry.messaging import Queues
from registry.messaging.sweeping import sweep
from registry.models import Delivery, OutboxEntry
from registry.sync.relay import drain
from tests.working import work

EMPTY = """
TRUNCATE features_onboarding, features_customer, features_featurevalue, registry_message,
    registry_outboxentry, registry_bodypart CASCADE
"""
FOUND_AT_ONCE = -1.0


def take_on(*, people: int) -> None:
    """So many applications, and nobody and nothing else about customers."""
    apply_definitions()
    with connection.cursor() as cursor:
        cursor.execute(EMPTY)
    collection("customers").delete_many({})
    names = [f"newcomer-{number}" for number in range(people)]
    applications = [
        Application(name=name, email=f"{name}@example.com", city="Lyon", country="FR") for name in names
    ]
    submit_many(applications=applications, source=Onboarding.Source.FILE)


def bring_in() -> None:
    """What a worker does until nothing waits; what a dead one had in hand is swept up first."""
    sweep(patience_seconds=FOUND_AT_ONCE)
    work(Queues.ONBOARDING, is_early=True)
    drain()


def told() -> dict[str, Any]:
    """How many there are of what each customer should have once."""
    return {
        "done": onboarding_figures().done,
        "customers": Customer.objects.count(),
        "documents": collection("customers").count_documents({}),
        "features": FeatureValue.objects.count(),
        "tasks": Delivery.objects.filter(queue=Queues.ONBOARDING, state="done").count(),
        "requests": Delivery.objects.filter(queue=Queues.REQUESTS).count(),
        "owed": OutboxEntry.objects.count(),
    }


ONBOARDING_OPERATIONS = {
    "onboarding_take_on": take_on,
    "onboarding_bring_in": bring_in,
    "onboarding_told": told,
}
