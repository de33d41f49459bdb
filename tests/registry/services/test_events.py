import datetime as dt

import pytest

from registry.documents.event_store import insert_events
from registry.exceptions import BadInputError
from registry.queries.events import events_between, events_near
from registry.services.events import EventInput, record_events

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
    with pytest.raises(BadInputError, match="MongoDB refused 1 events.*validation"):
        insert_events([good, {"_id": "c" * 32, "kind": "bad", "at": "noon"}])
    assert [event.subject for event in events_between(kind="good")] == [""]
