"""The customers' views as of a time, computed by hand for a few customers, and RFM as published for CDNOW."""

import csv
import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from features.definitions import CUSTOMER_ACTIVITY, CUSTOMER_PLACE, CUSTOMER_RFM, CUSTOMER_SESSION
from features.models import Customer, FeatureValue, Purchase
from features.seeding import cdnow
from features.services.definitions import apply_definitions
from features.services.feature_history import compute_view, defined_view, is_computed
from registry.exceptions import BadInputError, ConflictError, NotFoundError
from tests.factories import AddressFactory, CityFactory, CustomerFactory, PurchaseFactory

pytestmark = pytest.mark.django_db


def day(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


AS_OF = day("1997-07-01")


@pytest.fixture
def ann() -> Customer:
    """Bought twice on one day, on two more days, and once at the very time of the snapshot."""
    apply_definitions()
    city = CityFactory(name="Boston", latitude=42.4, longitude=-71.1, population=650_000)
    ann = CustomerFactory.create(customer_id="ann", address=AddressFactory(city=city))
    for when, quantity, amount in [
        ("1997-01-10", 1, "10.00"),
        ("1997-01-10", 2, "5.50"),
        ("1997-03-10", 3, "30.00"),
        ("1997-06-20", 1, "20.25"),
        ("1997-07-01", 9, "99.00"),
    ]:
        PurchaseFactory(customer=ann, purchased_at=day(when), quantity=quantity, amount=amount)
    return ann


def computed(definition: Any, as_of: dt.datetime = AS_OF) -> dict[str, list[Any]]:
    compute_view(definition=definition, as_of=as_of)
    found = FeatureValue.objects.filter(view__name=definition.name, event_at=as_of)
    return dict(found.values_list("entity_key", "values"))


def test_recency_frequency_and_monetary_value(ann: Customer) -> None:
    # 161 days from first to last; days after the first: 30.00 and 20.25
    assert computed(CUSTOMER_RFM) == {"ann": [161, 2, 25.125, 65.75, 172, True]}


def test_one_day_of_purchases_is_no_repeat(ann: Customer) -> None:
    assert computed(CUSTOMER_RFM, day("1997-02-01")) == {"ann": [0, 0, 0, 15.5, 22, False]}


def test_rolling_windows(ann: Customer) -> None:
    assert computed(CUSTOMER_ACTIVITY) == {
        "ann": [1, 1, 4, 1, 1, 7, 20.25, 20.25, 65.75, 11, 102],
    }


def test_windows_begin_exactly_so_many_days_before(ann: Customer) -> None:
    (values,) = computed(CUSTOMER_ACTIVITY, day("1997-07-20")).values()
    assert values[:3] == [2, 2, 3]


def test_one_purchase_has_no_interval(ann: Customer) -> None:
    PurchaseFactory(customer=CustomerFactory(customer_id="bob"), purchased_at=day("1997-06-30"))
    assert computed(CUSTOMER_ACTIVITY)["bob"][-2:] == [1, None]


def test_place_and_six_months_of_spending(ann: Customer) -> None:
    assert computed(CUSTOMER_PLACE) == {
        "ann": ["Boston", "US", 42.4, -71.1, 650_000, [15.5, 0, 30, 0, 0, 20.25]],
    }


def test_a_customer_without_an_address_has_no_place(ann: Customer) -> None:
    PurchaseFactory(customer=CustomerFactory(customer_id="bob", address=None))
    assert computed(CUSTOMER_PLACE)["bob"][:5] == [None] * 5


def test_nobody_is_known_before_their_first_purchase(ann: Customer) -> None:
    for definition in (CUSTOMER_RFM, CUSTOMER_ACTIVITY, CUSTOMER_PLACE):
        assert computed(definition, day("1997-01-10")) == {}


def test_a_second_time_writes_what_changed_alone(ann: Customer, django_assert_num_queries: Any) -> None:
    PurchaseFactory(customer=CustomerFactory(customer_id="bob"))
    assert compute_view(definition=CUSTOMER_RFM, as_of=AS_OF) == 2
    assert compute_view(definition=CUSTOMER_RFM, as_of=AS_OF) == 0
    Purchase.objects.filter(customer=ann).update(amount="1.00")
    with django_assert_num_queries(3):
        assert compute_view(definition=CUSTOMER_RFM, as_of=AS_OF) == 1


def test_a_snapshot_is_there_once_it_is_computed(ann: Customer) -> None:
    assert not is_computed(definition=CUSTOMER_RFM, as_of=AS_OF)
    computed(CUSTOMER_RFM)
    assert is_computed(definition=CUSTOMER_RFM, as_of=AS_OF)


def test_what_can_not_be_computed_is_said(ann: Customer) -> None:
    with pytest.raises(BadInputError, match="is pushed, not computed"):
        compute_view(definition=CUSTOMER_SESSION, as_of=AS_OF)
    with pytest.raises(BadInputError, match="no time zone"):
        compute_view(definition=CUSTOMER_RFM, as_of=dt.datetime(1997, 1, 1))  # noqa: DTZ001
    with pytest.raises(ConflictError, match="apply_features"):
        compute_view(definition=replace(CUSTOMER_RFM, ttl_seconds=1), as_of=AS_OF)
    with pytest.raises(NotFoundError, match="defines no feature view nothing"):
        defined_view("nothing")


def published() -> Iterator[tuple[str, int, int]]:
    """(id in the whole of CDNOW, frequency, recency in days) of the sample, to 30 September 1997."""
    (folder,) = find_spec("lifetimes").submodule_search_locations
    sample = Path(folder) / "datasets"
    ids = dict(line.split()[1::-1] for line in (sample / "CDNOW_sample.txt").read_text().splitlines() if line)
    with (sample / "cdnow_customers_summary.csv").open() as rows:
        for row in csv.DictReader(rows):
            yield ids[row["ID"].zfill(4)], int(row["frequency"]), round(float(row["recency"]) * 7)


def test_rfm_is_as_published_for_cdnow() -> None:
    apply_definitions()
    wanted = {key: (recency, frequency) for key, frequency, recency in published() if int(key) % 3 == 0}
    Customer.objects.bulk_create(
        Customer(customer_id=key, name=key, joined_at=day("1997-01-01")) for key in wanted
    )
    customers = Customer.objects.in_bulk(field_name="customer_id")
    Purchase.objects.bulk_create(
        Purchase(customer=customers[each.customer_id], purchased_at=each.purchased_at, quantity=1, amount=each.amount)
        for each in cdnow.transactions()
        if each.customer_id in wanted
    )  # fmt: skip
    found = computed(CUSTOMER_RFM, day("1997-10-01"))
    assert {key: (values[0], values[1]) for key, values in found.items()} == wanted
