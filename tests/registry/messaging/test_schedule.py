from collections.abc import Iterator
from inspect import signature
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import OperationalError

from mlplatform_site.settings import messaging as standard
from registry.enums import DeliveryState
from registry.messaging import Queues, registering, task
from registry.messaging import schedule as schedule_module
from registry.messaging.schedule import Clock
from registry.models import Delivery, Message

NOON = 1_795_348_800.0
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _tidied(settings: LazySettings) -> Iterator[None]:
    @task("test.tidy", queue=Queues.MAINTENANCE)
    def tidy(*, deep: bool = False) -> None: ...

    settings.SCHEDULE = {"tidy": {"task": "test.tidy", "every_seconds": 600, "arguments": {"deep": True}}}
    yield
    del registering.TASKS["test.tidy"]


def keys() -> list[str]:
    return list(Message.objects.order_by("id").values_list("key", flat=True))


def test_two_clocks_promise_a_slot_once() -> None:
    for clock in (Clock(), Clock()):
        assert clock.promise_due(NOON + 1) == 60
        assert clock.promise_due(NOON + 590) == 10
    assert keys() == ["tidy@2026-11-22T12:00:00Z"]


def test_the_next_slot_waits_for_the_one_before(django_assert_num_queries: Any) -> None:
    clock = Clock()
    clock.promise_due(NOON)
    clock.promise_due(NOON + 600)
    assert len(keys()) == 1
    Delivery.objects.update(state=DeliveryState.DONE, finished_at="2026-11-22T12:15:00Z")
    clock.promise_due(NOON + 1_200)
    assert keys()[1:] == ["tidy@2026-11-22T12:20:00Z"]
    with django_assert_num_queries(0):
        clock.promise_due(NOON + 1_201)


@pytest.mark.parametrize(
    "wrong",
    [
        {"task": "test.lost", "every_seconds": 60},
        {"task": "test.tidy", "seconds": 60},
        {"task": "test.tidy", "every_seconds": 0},
        {"task": "test.tidy", "every_seconds": 60, "arguments": {"deep": object()}},
        {"task": "test.tidy", "every_seconds": 60, "arguments": [1]},
        None,
    ],
)
def test_a_wrong_entry_is_told_and_stops_no_other(
    settings: LazySettings, caplog: pytest.LogCaptureFixture, wrong: Any
) -> None:
    settings.SCHEDULE = {"wrong": wrong, **settings.SCHEDULE}
    clock = Clock()
    assert clock.promise_due(NOON + 1) == 60
    assert keys() == ["tidy@2026-11-22T12:00:00Z"]
    assert "'wrong' of SCHEDULE can't be promised" in caplog.text


def test_each_entry_that_the_product_schedules_can_be_promised(settings: LazySettings) -> None:
    settings.SCHEDULE = standard.SCHEDULE
    assert Clock().promise_due(NOON - 12 * 60 * 60) == 60
    assert keys() == [f"{name}@2026-11-22T00:00:00Z" for name in standard.SCHEDULE]
    for entry in standard.SCHEDULE.values():
        arguments = entry.get("arguments", {})
        signature(registering.TASKS[entry["task"]].function).bind(**arguments)
        assert entry == {"task": entry["task"], "every_seconds": entry["every_seconds"]} | (
            {"arguments": arguments} if arguments else {}
        )


def test_beat_promises_and_outlives_postgresql(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from celery import Celery  # noqa: PLC0415 (takes a moment)

    from registry.messaging import beat  # noqa: PLC0415

    scheduler = beat.PromisingScheduler(Celery("test", set_as_current=False, fixups=[]))
    assert 0 < scheduler.tick() <= 60
    assert len(keys()) == 1
    away = Clock()
    scheduler._clock = away
    settings.SCHEDULE = {"tidy": {"task": "test.tidy", "every_seconds": 600}}

    def fail(*_: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(schedule_module, "_promise", fail)
    assert scheduler.tick() == beat.RETRY_SECONDS
    settings.SCHEDULE = None
    assert scheduler.tick() == beat.RETRY_SECONDS
