"""A customer's document follows what people do in the admin."""

from typing import Any

import pytest
from django.db import transaction
from pymongo.database import Database

from features.models import Customer, Onboarding
from features.services.customer_documents import document_id_of, promise_customer
from registry.models import BodyPart
from registry.sync.relay import drain
from tests.factories import CustomerFactory, OnboardingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(mongo: Database[dict[str, Any]]) -> Customer:
    customer = CustomerFactory.create(customer_id="7")
    with transaction.atomic():
        promise_customer(customer)
    drain()
    return customer


def stored(mongo: Database[dict[str, Any]]) -> dict[str, Any]:
    return mongo["customers"].find_one({"_id": document_id_of("7")}) or {}


def test_a_change_by_hand_is_the_documents_next_version(
    customer: Customer, mongo: Database[dict[str, Any]]
) -> None:
    assert (stored(mongo)["v"], stored(mongo)["name"]) == (1, customer.name)
    customer.name = "Ada Lima"
    customer.save()
    assert customer.address is not None
    customer.address.street = "2 Main Street"
    customer.address.save()
    drain()
    found = stored(mongo)
    assert (found["v"], found["name"], found["place"]["street"]) == (3, "Ada Lima", "2 Main Street")


def test_who_has_no_document_gets_none_by_a_change(mongo: Database[dict[str, Any]]) -> None:
    CustomerFactory.create().save()
    assert not BodyPart.objects.exists()


def test_who_is_deleted_leaves_a_tombstone_and_may_come_back(
    customer: Customer, mongo: Database[dict[str, Any]]
) -> None:
    OnboardingFactory.create(customer_id="7")
    customer.delete()
    drain()
    assert {"purged_at", "customer_id"} < stored(mongo).keys()
    assert "name" not in stored(mongo)
    assert not Onboarding.objects.exists()
    back = CustomerFactory.create(customer_id="7")
    with transaction.atomic():
        promise_customer(back)
    drain()
    assert (stored(mongo)["v"], stored(mongo)["name"]) == (3, back.name)


def test_who_had_no_document_leaves_no_tombstone(mongo: Database[dict[str, Any]]) -> None:
    CustomerFactory.create(address=None).delete()
    assert not BodyPart.objects.exists()


def test_an_address_need_not_be_known(
    mongo: Database[dict[str, Any]],
) -> None:
    with transaction.atomic():
        promise_customer(CustomerFactory.create(customer_id="7", address=None))
    drain()
    assert "location" not in stored(mongo)
