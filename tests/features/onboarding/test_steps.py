"""What each step leaves behind, and how an onboarding goes on to the next."""

import datetime as dt
from typing import Any

import pytest
from pymongo.database import Database

from features.models import Customer, FeatureValue, Onboarding
from features.onboarding import work
from features.onboarding.submitting import submit
from features.seeding.history import apply_definitions
from features.services.customer_documents import document_id_of
from features.services.online_features import get_online_features
from registry.sync.relay import drain
from tests.factories import CustomerFactory, PurchaseFactory

from .people import Name, applicant, run, run_to, standing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_keys")]


@pytest.fixture
def onboarding() -> Onboarding:
    return submit(application=applicant(customer_id="new", joined_at=dt.datetime(2026, 1, 2, tzinfo=dt.UTC)))


def test_a_customer_comes_in_step_by_step(onboarding: Onboarding, mongo: Database[dict[str, Any]]) -> None:
    apply_definitions()
    run_to(onboarding, Name.CACHE)
    assert standing(onboarding) == dict.fromkeys(list(Name)[:-1], "done") | {"recommend": "promised"}
    customer = Customer.objects.select_related("address__city__country").get(customer_id="new")
    assert customer.address is not None
    assert (customer.email, customer.address.city.name, customer.address.city.country.code) == (
        "ada@example.com",
        "Lyon",
        "FR",
    )
    drain()
    document = mongo["customers"].find_one({"customer_id": "new"}) or {}
    assert (document["_id"], document["place"]["city"]) == (document_id_of("new"), "Lyon")
    assert document["location"]["coordinates"] == [
        customer.address.city.longitude,
        customer.address.city.latitude,
    ]
    served = get_online_features(
        features=[
            "customer_rfm:frequency",
            "customer_activity:days_since_last_purchase",
            "customer_place:city",
        ],
        entity_keys=["new"],
    )
    assert served.source == "online"


def test_a_step_that_is_done_does_nothing_again(onboarding: Onboarding) -> None:
    run_to(onboarding, Name.STORE)
    before = standing(onboarding)
    run_to(onboarding, Name.STORE)
    assert standing(onboarding) == before
    assert Customer.objects.count() == 1


def test_a_step_that_fails_leaves_nothing_and_goes_through_later(
    onboarding: Onboarding, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_to(onboarding, Name.LOCATE)
    with monkeypatch.context() as patched:
        patched.setattr(work, "promise_customer", lambda *_, **__: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            run(onboarding, Name.STORE)
    assert standing(onboarding)["store"] == "promised"
    assert not Customer.objects.exists()
    run(onboarding, Name.STORE)
    assert standing(onboarding) | {"features": "promised"} == standing(onboarding)


def test_an_unknown_city_refuses_with_names_that_are_alike() -> None:
    onboarding = run_to(submit(application=applicant(city="Lyno")), Name.LOCATE)
    assert (onboarding.state, standing(onboarding)["locate"]) == ("refused", "refused")
    assert "No city 'Lyno' is known in France. Was it Lyon" in onboarding.reason


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"customer_id": "1", "email": "Ada@example.com"}, "is that of customer 1"),
        ({"customer_id": "new", "email": "bea@example.com"}, "customer id new is somebody else's"),
    ],
)
def test_another_customers_email_or_id_is_refused(
    onboarding: Onboarding, known: dict[str, str], said: str
) -> None:
    CustomerFactory.create(**known)
    run(onboarding, Name.VALIDATE)
    assert onboarding.state == "refused"
    assert said in onboarding.reason


def test_a_customer_of_old_stays_as_they_are_and_gets_no_empty_features(onboarding: Onboarding) -> None:
    apply_definitions()
    old = CustomerFactory.create(customer_id="new", email="", name="Old Name")
    PurchaseFactory.create(customer=old, purchased_at=old.joined_at - dt.timedelta(days=1))
    run_to(onboarding, Name.FEATURES)
    assert Customer.objects.get().name == "Old Name"
    assert not FeatureValue.objects.exists()


def test_a_first_features_row_stands_at_the_joining(onboarding: Onboarding) -> None:
    apply_definitions()
    run_to(onboarding, Name.FEATURES)
    rows = FeatureValue.objects.order_by("view__name").values_list("view__name", "event_at")
    assert list(rows) == [
        (name, onboarding.joined_at) for name in ("customer_activity", "customer_place", "customer_rfm")
    ]
