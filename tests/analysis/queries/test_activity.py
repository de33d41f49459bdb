"""What the page of activity is made of."""

import datetime as dt
from decimal import Decimal

import pytest

from analysis.queries.activity.alerts import alert_card
from analysis.queries.activity.hours import hour_columns, hours_shown
from analysis.queries.activity.queues import MANY, PURPOSES, queue_word
from features.models import EventKind
from features.queries.activity import HourCount, newest_alerts
from registry.messaging.depths import QueueState
from registry.messaging.topology import Queues
from tests.factories import CountryFactory, alert, alert_rule


def hour(day: int, at: int, **kinds: int) -> HourCount:
    counts = {kind: kinds.get(kind, 0) for kind in EventKind.values}
    return HourCount(dt.datetime(1997, 2, day, at, tzinfo=dt.UTC), counts, sum(counts.values()), Decimal(0))


def test_each_sixth_hour_is_named_and_midnight_says_the_day() -> None:
    columns = hour_columns([hour(13, 23), hour(14, 0, purchase=3, cart=1), hour(14, 6)])
    assert [(each.label, each.name, each.total) for each in columns] == [
        ("", "1997-02-13 23:00", 0),
        ("14 Feb", "1997-02-14 00:00", 4),
        ("06:00", "1997-02-14 06:00", 0),
    ]
    assert columns[1].counts[EventKind.values.index("purchase")] == 3


def test_the_chart_says_what_it_spans_and_what_lies_before() -> None:
    hours = [hour(13, 23), hour(14, 0, purchase=3, cart=1)]
    span = "2 hours, up to the newest event's: 1997-02-13 23:00 to 1997-02-14 00:59 UTC."
    assert hours_shown(hours, events=4) == span
    assert hours_shown(hours, events=2_004) == f"{span} 2,000 of the 2,004 events are older."
    assert hours_shown([], events=0) == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("measure", "country", "text"),
    [
        ("amount", "RW", "Purchase in Rwanda: $1,363.60, where the rule says $250.00 or more."),
        ("spent", "ZZ", "Purchase: $1,363.60, where the rule says $250.00 or more."),
        ("events", "XK", "Purchase in XK: 1,363.6, where the rule says 250 or more."),
        ("", "RW", "Purchase in Rwanda: 1,363.6, where the rule says 250 or more."),
    ],
)
def test_an_alert_names_the_country_and_writes_dollars_as_such(measure: str, country: str, text: str) -> None:
    CountryFactory.create(code="RW", name="Rwanda")
    if measure:
        alert_rule(name="much", measure=measure)
    alert(country=country, value="1363.60", at_least=250)
    assert [alert_card(each).text for each in newest_alerts()] == [text]


@pytest.mark.django_db
def test_alerts_are_in_the_order_of_the_time_at_which_they_were_raised() -> None:
    for minute in (2, 1, 3):
        alert(raised_at=dt.datetime(2026, 11, 1, 12, minute, tzinfo=dt.UTC))
    assert [each.raised_at.minute for each in newest_alerts()] == [3, 2, 1]


@pytest.mark.parametrize(
    ("depth", "owed", "consumers", "word"),
    [
        (None, 5, None, "unknown"),
        (0, 0, 0, "idle"),
        (4, 5, 0, "no consumer"),
        (4, 5, None, "at work"),
        (4, 5, 1, "at work"),
        (4, MANY, 1, "backed up"),
    ],
)
def test_a_queue_is_told_in_a_word(depth: int | None, owed: int, consumers: int | None, word: str) -> None:
    state = QueueState(
        name="requests",
        exchange="tasks",
        depth=depth,
        open=owed,
        dead=0,
        consumers=consumers,
        is_priority=True,
    )
    assert queue_word(state) == word


def test_every_queue_says_what_it_is_for() -> None:
    assert set(PURPOSES) == set(Queues)
