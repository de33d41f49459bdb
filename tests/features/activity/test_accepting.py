"""Events are taken once, all or none, and promised by kind and country."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from bson import ObjectId
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from features.activity import accepting
from features.activity.accepting import accept_events
from features.activity.shapes import as_message, events_in, from_message
from features.models import ActivityEvent, EventBatch
from registry.documents import event_buckets
from registry.exceptions import BadInputError
from registry.messaging.bodies import unpacked
from registry.models import Message
from registry.queries.events import events_of
from registry.services.api_tokens import issue_token
from registry.services.events import record_buckets
from tests.factories import AddressFactory, CustomerFactory

from .happening import BERN, NOON, event

pytestmark = pytest.mark.django_db


def test_events_are_recorded_and_promised_by_kind_and_country() -> None:
    accepted = accept_events(
        events=[event(0), event(1), event(2, country="FR"), event(3, "search", customer_id="", country="")]
    )
    assert (accepted.new, accepted.known, accepted.batches) == (4, 0, 3)
    keys = Message.objects.filter(exchange="events").order_by("routing_key")
    assert list(keys.values_list("routing_key", flat=True)) == ["purchase.ch", "purchase.fr", "search.zz"]
    assert ActivityEvent.objects.filter(batch__country="CH").count() == 2
    assert str(EventBatch.objects.get(country="FR")) == "1 of purchase in FR"


def test_what_came_before_changes_nothing() -> None:
    accept_events(events=[event(0), event(1)])
    again = accept_events(events=[event(1), event(2), event(2)])
    assert (again.new, again.known) == (1, 2)
    assert accept_events(events=[event(0), event(1)]).batches == 0
    assert (ActivityEvent.objects.count(), Message.objects.count()) == (3, 2)


def test_what_somebody_else_accepts_at_the_same_moment_is_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    accept_events(events=[event(0), event(9, country="FR")])
    monkeypatch.setattr(accepting, "_not_known", lambda events: {each.event_id: each for each in events})
    late = accept_events(events=[event(0), event(1), event(9, country="FR")])
    assert (late.new, late.known, late.batches) == (1, 2, 1)
    assert sorted(EventBatch.objects.values_list("country", "events")) == [("CH", 1), ("CH", 1), ("FR", 1)]


def test_an_event_happens_where_its_customer_lives() -> None:
    address = AddressFactory.create(city__country__code="CH", city__longitude=BERN[0], city__latitude=BERN[1])
    CustomerFactory.create(customer_id="00007", address=address)
    accept_events(events=[event(0, customer_id="00007", country="", location=None)])
    accept_events(events=[event(1, customer_id="00008", country="", location=None)])
    assert sorted(EventBatch.objects.values_list("country", flat=True)) == ["CH", "ZZ"]


def test_a_message_brings_the_events_as_they_were() -> None:
    events = [event(0, data={"a.b": [1, "$"]}), event(1, location=None)]
    assert from_message(as_message(events, "a" * 32)) == events


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"kind": "dance"}, "no kind 'dance'"),
        ({}, "no kind ''"),
        ({"kind": "purchase"}, "needs a customer_id"),
        ({"kind": "search", "customer_id": "x" * 33}, "at most 32"),
        ({"kind": "search", "country": "ch"}, "two capital letters"),
        ({"kind": "search", "amount": -1}, "0 to 10,000,000"),
        ({"kind": "search", "amount": 1e300}, "0 to 10,000,000"),
        ({"kind": "search", "amount": "much"}, "no amount"),
        ({"kind": "search", "amount": "nan"}, "no amount"),
        ({"kind": "search", "amount": True}, "must be a number"),
        ({"kind": "search", "at": "noon"}, "noon"),
        ({"kind": "search", "at": "2999-01-01T00:00:00Z"}, "yet to come"),
        ({"kind": "search", "location": [1]}, "longitude, latitude"),
        ({"kind": "search", "location": [181, 0]}, "degrees"),
        ({"kind": "search", "event_id": "A" * 32}, "32 hexadecimal"),
        ({"kind": "search", "data": []}, "must be an object"),
        ({"kind": "search", "data": {"words": "x" * 16_384}}, "data is 16,396 bytes of JSON; 16,384 are"),
        ({"kind": 7}, "must be text"),
        ({"kind": "search", "price": 7}, "Unknown field 'price'"),
    ],
)
def test_a_bad_event_is_named_with_its_reason(body: dict[str, object], problem: str) -> None:
    with pytest.raises(
        BadInputError, match=rf"1 of 2 events can't be taken; none was. events\[1\].*{problem}"
    ):
        events_in([{"kind": "search"}, body])


def test_what_is_no_json_is_no_data() -> None:
    with pytest.raises(BadInputError, match="data must be JSON"):
        accept_events(events=[event(0, data={"x": ObjectId()})])


def test_large_events_are_cut_by_what_mongodb_keeps_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_buckets, "MOST_BYTES", 400_000)
    ones = {"x": [1] * 8_000}  # 16 KB of JSON, 79 KB in MongoDB
    accepted = accept_events(events=[event(n, data=ones) for n in range(10)])
    bodies = [unpacked(each.body, each.encoding) for each in Message.objects.order_by("pk")]
    assert (accepted.new, accepted.batches, len(bodies)) == (10, 2, 2)
    record_buckets(buckets={each["batch_id"]: [one.raw for one in from_message(each)] for each in bodies})
    assert len(events_of("00001")) == 10


def test_one_bad_event_keeps_all_out() -> None:
    with pytest.raises(BadInputError, match=r"2 of 30.*events\[3\].*events\[7\]"):
        accept_events(events=[event(n, kind="dance" if n in (3, 7) else "cart") for n in range(30)])
    with pytest.raises(BadInputError, match=r"30 of 30.*and 10 more"):
        accept_events(events=[event(n, kind="dance") for n in range(30)])
    with pytest.raises(BadInputError, match="at most 5,000"):
        accept_events(events=[event(0)] * 5_001)
    assert not ActivityEvent.objects.exists()


def test_what_is_given_in_json_is_what_is_recorded() -> None:
    (given,) = events_in(
        [
            {
                "kind": "purchase",
                "customer_id": "00001",
                "at": "2026-11-01T12:30:00Z",
                "amount": 12.5,
                "country": "CH",
            }
        ]
    )
    assert (given.at, given.amount, given.cents) == (NOON, Decimal("12.50"), 1250)
    (now,) = events_in([{"kind": "search"}])
    assert timezone.now() - now.at < dt.timedelta(seconds=10)


def test_the_api_takes_events_once() -> None:
    token, _ = issue_token(user=User.objects.create_superuser("boss"), name="t", scopes=["write"])
    api = Client(headers={"Authorization": f"Bearer {token}"})

    def posted(*events: dict[str, Any]) -> tuple[int, Any]:
        answer = api.post("/api/1/events", {"events": list(events)}, content_type="application/json")
        return answer.status_code, answer.json()

    search = {"event_id": "a" * 32, "kind": "search", "data": {"words": "blue"}}
    assert posted(search) == (202, {"accepted": {"new": 1, "known": 0}})
    assert posted(search) == (202, {"accepted": {"new": 0, "known": 1}})
    assert posted()[0] == 400
    assert "events[1]" in str(posted(search, {"kind": "dance"}))
