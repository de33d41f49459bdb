"""Rules raise alerts through the headers exchange, each once, also for events that come late."""

import datetime as dt
import logging
from decimal import Decimal

import pytest
from django.db import connection, transaction

from features.activity.accepting import accept_events
from features.activity.alerts import raise_alerts
from features.activity.rules import active_rules, add_standard_rules
from features.activity.shapes import as_message
from features.models import ActivityEvent, Alert, AlertRule
from features.queries.activity import newest_alerts
from registry.messaging import Queues
from registry.models import Delivery
from tests.factories import alert_rule, event_batch
from tests.working import work

from .happening import NOON, event

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("broker")]


def test_a_big_purchase_is_told_at_once(caplog: pytest.LogCaptureFixture) -> None:
    add_standard_rules()
    with caplog.at_level(logging.WARNING, "features.activity.alerts"):
        accept_events(events=[event(0, amount=Decimal(400)), event(1, amount=Decimal(10))])
        work()
    urgent, warning = newest_alerts()[::-1] if newest_alerts()[0].severity != "urgent" else newest_alerts()
    assert (urgent.rule_name, urgent.value, urgent.is_told) == ("big-purchase", Decimal(400), True)
    assert (warning.rule_name, warning.is_told) == ("spent-in-a-day", False)
    assert [record.getMessage() for record in caplog.records].count(
        "Urgent: A purchase of 300 dollars or more: 400.00 by 00001 (purchase, CH)"
    ) == 1
    assert Delivery.objects.filter(queue="alerts.urgent").count() == 1


def test_an_event_that_comes_late_raises_what_it_would_have_raised() -> None:
    alert_rule(name="three", measure="events", at_least=3, window_seconds=3_600, severity="info")
    accept_events(events=[event(0), event(50)])
    work()
    assert not Alert.objects.exists()
    accept_events(events=[event(20), event(21, "cart"), event(23, "cart")])
    work()
    (alert,) = Alert.objects.all()
    assert (alert.value, alert.at) == (Decimal(3), event(50).at)
    accept_events(events=[event(51)])
    work()
    assert Alert.objects.count() == 1


def test_a_rule_of_one_country_is_silent_elsewhere() -> None:
    alert_rule(at_least=1, country="FR")
    accept_events(events=[event(0), event(1, country="FR")])
    work()
    assert [each.country for each in Alert.objects.all()] == ["FR"]


def test_windows_of_one_country_hold_what_happened_there() -> None:
    alert_rule(name="three", measure="events", at_least=3, window_seconds=3_600, country="FR")
    accept_events(events=[event(0), event(1, country="FR"), event(2), event(3, country="FR"), event(4)])
    work()
    assert not Alert.objects.exists()
    accept_events(events=[event(5, country="FR"), event(6, country="CH")])
    work()
    assert list(Alert.objects.values_list("country", "value", "at")) == [("FR", Decimal(3), event(5).at)]


def test_a_window_does_not_hold_what_is_as_old_as_it_is_long() -> None:
    alert_rule(name="two", measure="events", at_least=2, window_seconds=3_600)
    accept_events(events=[event(0), event(60)])
    work()
    assert not Alert.objects.exists()


def test_somebody_who_never_stops_raises_one_alert_and_stops_nobody() -> None:
    rule = alert_rule(name="spent", measure="spent", at_least=300, window_seconds=86_400)
    midnight = NOON.replace(hour=0, minute=0)
    batch = event_batch(kind="purchase", events=2_000)
    ActivityEvent.objects.bulk_create(
        ActivityEvent(batch=batch, customer_id="robot", at=midnight + dt.timedelta(seconds=40 * n), amount=1)
        for n in range(2_000)
    )
    rows = batch.accepted.order_by("at").values_list("event_id", "at")
    events = [event(at=at, customer_id="robot", event_id=key.hex) for key, at in rows]
    other = [event(n, amount=Decimal(400)) for n in range(2)]
    accept_events(events=other)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '20s'")
        assert raise_alerts([as_message(events[:500], "a" * 32), as_message(other, "b" * 32)]) == 2
    work(Queues.ALERTS_KEPT)
    found = Alert.objects.filter(rule_name=rule.name, customer_id="robot").get()
    assert (found.value, found.at) == (Decimal(300), events[299].at)


def test_the_same_batch_raises_nothing_twice() -> None:
    alert_rule(at_least=1)
    accept_events(events=[event(0)])
    work()
    with transaction.atomic():
        assert raise_alerts([as_message([event(0)], "a" * 32)]) == 1
    work()
    assert (Alert.objects.count(), newest_alerts(customer_id="00001")[0].title) == (1, "Much")


def test_a_changed_rule_is_known_at_once() -> None:
    assert active_rules() == []
    rule = alert_rule()
    assert active_rules() == [rule]
    rule.is_active = False
    rule.save()
    assert active_rules() == []
    assert add_standard_rules() == 0
    AlertRule.objects.all().delete()
    assert add_standard_rules() == 3
    assert dt.timedelta(seconds=active_rules()[-1].window_seconds) == dt.timedelta(days=1)
