import datetime as dt
from typing import Any

import pytest
from pymongo.database import Database

from registry.documents import event_buckets
from registry.documents.event_buckets import insert_events
from registry.exceptions import BadInputError, ConflictError, StoreUnavailableError
from registry.queries.events import events_between, events_near, events_of
from registry.services.events import EventInput, record_buckets, record_events

pytestmark = pytest.mark.usefixtures("mongo")
NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
ZURICH, BERN, OSLO = (8.54, 47.38), (7.44, 46.95), (10.75, 59.91)


def hours(count: float) -> dt.datetime:
    return NOW + dt.timedelta(hours=count)


@pytest.fixture(autouse=True)
def _events(mongo: None) -> None:
    record_events(
        events=[
            EventInput("purchase", "c1", hours(0), ZURICH, {"amount": 12.5, "a.b": "$x"}),
            EventInput("purchase", "c2", hours(1), BERN),
            EventInput("visit", "c3", hours(2), OSLO),
            EventInput("visit", "c4", hours(3)),
        ]
    )


def test_events_are_found_in_a_window_of_time() -> None:
    assert [event.subject for event in events_between(since=hours(1), until=hours(3))] == ["c3", "c2"]
    assert [event.subject for event in events_between(kind="purchase")] == ["c2", "c1"]
    assert len(events_between(limit=1)) == 1
    assert events_between(kind="purchase")[1].data == {"amount": 12.5, "a.b": "$x"}


def test_events_are_found_by_distance() -> None:
    near = events_near(longitude=8.5, latitude=47.4, within_metres=150_000)
    assert [event.subject for event in near] == ["c1", "c2"]
    assert near[0].metres is not None
    assert near[0].metres < 5_000
    assert near[0].location == ZURICH
    near = events_near(longitude=8.5, latitude=47.4, within_metres=2_000_000, kind="visit", since=hours(1))
    assert [event.subject for event in near] == ["c3"]


def test_an_event_that_is_there_already_is_left_alone() -> None:
    event = EventInput("visit", "again", NOW, event_id="a" * 32)
    assert record_events(events=[event]) == 1
    assert record_events(events=[event, EventInput("visit", "other", NOW)]) == 1
    assert record_events(events=[]) == 0


def test_a_bucket_is_kept_once_and_without_events_that_another_has() -> None:
    first, second, third = (EventInput("visit", "b", hours(n), event_id=f"{n:032x}") for n in (1, 2, 3))
    assert record_buckets(buckets={"d" * 32: [first, second]}) == 2
    assert record_buckets(buckets={"d" * 32: [first, second], "e" * 32: [second, third]}) == 1
    assert record_buckets(buckets={"f" * 32: [first, third]}) == 0
    assert [event.event_id for event in events_of("b")] == [f"{n:032x}" for n in (3, 2, 1)]
    with pytest.raises(BadInputError, match="more than 500"):
        record_buckets(buckets={"f" * 32: [first] * 501})


def test_a_failure_that_is_no_clash_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    event = EventInput("visit", "b", NOW, event_id="1" * 32)
    record_buckets(buckets={"d" * 32: [event]})
    monkeypatch.setattr(event_buckets, "DUPLICATE", 0)
    with pytest.raises(StoreUnavailableError):
        record_buckets(buckets={"d" * 32: [event]})


def test_buckets_that_clash_with_nothing_to_be_seen_are_not_taken_for_kept(
    mongo: Database[dict[str, Any]],
) -> None:
    mongo["events"].create_index("country", unique=True, sparse=True, name="strange")
    one, other = (EventInput("visit", "b", NOW, event_id=each * 32, country="NO") for each in "12")
    record_buckets(buckets={"d" * 32: [one]})
    with pytest.raises(ConflictError, match="again and again"):
        record_buckets(buckets={"e" * 32: [other]})
    mongo["events"].drop_index("strange")
    assert record_buckets(buckets={"e" * 32: [other]}) == 1


def test_large_events_lie_in_buckets_that_mongodb_takes(mongo: Database[dict[str, Any]]) -> None:
    large = {"text": "x" * 9_000_000}
    assert record_events(events=[EventInput("large", "l", hours(n), data=large) for n in (1, 2)]) == 2
    assert mongo["events"].count_documents({"kind": "large"}) == 2


def test_of_many_buckets_the_newest_events_are_found() -> None:
    far = [EventInput("visit", "wide", hours(at), OSLO, country="NO") for at in (-100, 50)]
    record_events(events=far)
    assert [event.subject for event in events_between(limit=2)] == ["wide", "c4"]
    assert [event.subject for event in events_between(until=hours(-1))] == ["wide"]
    near = events_near(longitude=10.7, latitude=59.9, within_metres=50_000, until=hours(40))
    assert sorted(event.subject for event in near) == ["c3", "wide"]


@pytest.mark.parametrize(
    "event",
    [
        EventInput(""), EventInput("k", location=(181, 0)), EventInput("k", location=(0, 90.1)),
        EventInput("k", location=(float("nan"), 0)), EventInput("k", event_id="x"), EventInput("k", subject="x" * 256),
        EventInput("k", at=dt.datetime(2026, 1, 1)),  # noqa: DTZ001
        EventInput("k", data={"x": object()}),
    ],
)  # fmt: skip
def test_a_bad_event_refuses_the_whole_batch(event: EventInput) -> None:
    with pytest.raises(BadInputError):
        record_events(events=[EventInput("good", at=NOW), event])
    assert events_between(kind="good") == []


def test_a_place_that_is_not_on_earth_is_refused() -> None:
    with pytest.raises(BadInputError, match="degrees"):
        events_near(longitude=0, latitude=91, within_metres=1)


def test_too_many_events_in_one_batch_are_refused() -> None:
    with pytest.raises(BadInputError, match="at most 10,000"):
        record_events(events=[EventInput("k")] * 10_001)


def test_what_only_the_server_refuses_is_told_with_its_words() -> None:
    good = {"_id": "b" * 32, "kind": "good", "at": NOW}
    with pytest.raises(BadInputError, match="MongoDB refused 1 buckets.*validation"):
        insert_events([good, {"_id": "c" * 32, "kind": "bad", "at": "noon"}])
    assert [event.subject for event in events_between(kind="good")] == [""]
