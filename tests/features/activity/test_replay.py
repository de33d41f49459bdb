"""CDNOW once more as events."""

import datetime as dt
from decimal import Decimal
from io import StringIO
from itertools import pairwise
from typing import Any

import orjson
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from features.activity import replay as module
from features.activity.replay import replay
from features.models import ActivityEvent, AlertRule, EventBatch, Purchase
from tests.factories import CustomerFactory, PurchaseFactory

pytestmark = pytest.mark.django_db
DAY = dt.datetime(1997, 1, 1, tzinfo=dt.UTC)


def told(*words: str) -> str:
    out = StringIO()
    call_command("replay_events", "--speed", "max", *words, stdout=out)
    return out.getvalue()


def result(*words: str) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(told("--json", *words))
    return found


@pytest.fixture
def _purchases() -> None:
    """Two customers; one buys twice on the first day and once on the third, the other on the second."""
    one = CustomerFactory.create(joined_at=DAY)
    other = CustomerFactory.create(joined_at=DAY + dt.timedelta(days=1))
    for customer, day in ((one, 0), (one, 0), (other, 1), (one, 2)):
        at = DAY + dt.timedelta(days=day)
        PurchaseFactory.create(customer=customer, purchased_at=at, amount=Decimal("9.99"))


@pytest.mark.usefixtures("_purchases")
def test_a_replay_sends_everything_once_and_says_so() -> None:
    assert told("--dry-run") == "6 events would be sent.\n"
    assert not AlertRule.objects.exists()
    first = result("--limit", "3")
    assert (first["total"], first["new"], first["known"], first["rules"]) == (3, 3, 0, 3)
    assert "Sent 3 events in" in told()
    assert (result()["new"], result()["known"], ActivityEvent.objects.count()) == (0, 6, 6)
    days = ActivityEvent.objects.filter(batch__kind="purchase").order_by("at").values_list("at", flat=True)
    bought = Purchase.objects.order_by("purchased_at").values_list("purchased_at", flat=True)
    assert [each.date() for each in days] == [each.date() for each in bought]
    signups = dict(ActivityEvent.objects.filter(batch__kind="signup").values_list("customer_id", "at"))
    for each in ActivityEvent.objects.filter(batch__kind="purchase"):
        assert each.at > signups[each.customer_id]


@pytest.mark.usefixtures("_purchases")
def test_a_replay_is_of_a_window_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    assert result("--since", "1997-01-02", "--until", "1997-01-03")["total"] == 2
    assert set(EventBatch.objects.values_list("kind", flat=True)) == {"purchase", "signup"}
    monkeypatch.setattr(module, "TICK_SECONDS", 0.001)
    steps = list(replay(speed=86_400 * 400))
    clock = [each.at for each in steps if each.at]
    assert len(clock) > 2
    assert all(before <= after for before, after in pairwise(clock))
    assert (steps[-1].done, steps[-1].known) == (6, 2)


def test_nothing_to_replay_and_no_speed_are_told() -> None:
    with pytest.raises(CommandError, match="seed_demo"):
        told()
    with pytest.raises(CommandError, match="1000x"):
        call_command("replay_events", "--speed", "fast")
