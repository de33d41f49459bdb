import pytest
from django.conf import LazySettings
from django.utils import timezone

from analysis.queries.store_overview import _state, record_figures, store_cards
from registry.enums import OutboxStatus, RunStatus
from registry.models import Message, OutboxEntry
from registry.store_health import Problem, StoreHealth
from tests.factories import RunFactory, UserFactory


@pytest.mark.django_db
def test_the_record_is_counted() -> None:
    RunFactory(framework="torch", name="old")
    RunFactory(framework="sklearn", status=RunStatus.FAILED)
    RunFactory(framework="torch", name="new")
    RunFactory(framework="")
    for status in (OutboxStatus.DUE, OutboxStatus.DUE, OutboxStatus.PARKED):
        OutboxEntry.objects.create(topic="t", aggregate_id="a", aggregate_version=1, status=status)
    message = Message.objects.create(exchange="tasks", name="t", body=b"{}")
    message.deliveries.create(queue="requests", state="dead", reason="it fails", finished_at=timezone.now())
    figures = record_figures(UserFactory())
    assert (figures.run_count, figures.experiment_count, figures.dataset_count) == (4, 4, 4)
    assert figures.by_status == [("FINISHED", 3), ("FAILED", 1)]
    assert figures.by_framework == [("torch", 2), ("not said", 1), ("sklearn", 1)]
    assert (figures.waiting_count, figures.parked_count, figures.model_count) == (2, 1, 0)
    assert (figures.owed_count, figures.dead_count) == (0, 1)
    assert [row.framework for row in figures.latest] == ["", "torch", "sklearn", "torch"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("mongo")
def test_each_store_has_a_card_with_its_counts() -> None:
    RunFactory()
    cards = {card.health.store: card for card in store_cards()}
    assert list(cards) == ["postgresql", "mongodb", "redis-cache", "redis-store"]
    assert {card.state for card in cards.values()} <= {"healthy", "slow"}
    assert dict(cards["postgresql"].counts)["training runs"] == 1
    assert dict(cards["mongodb"].counts)["model configs"] == 0
    assert dict(cards["mongodb"].counts)["buckets of events"] == 0
    assert "keys" in dict(cards["redis-cache"].counts)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("mongo")
def test_a_store_that_is_down_has_a_card_with_cause_and_cure(settings: LazySettings) -> None:
    settings.REDIS_STORE_URL = "redis://127.0.0.1:1/0"
    card = store_cards()[3]
    assert card.state == "down"
    assert [problem.cause for problem in card.problems] == [
        "Redis (store) is not running: 127.0.0.1:1 refuses connections."
    ]


@pytest.mark.parametrize(
    ("ping_ms", "problems", "state"),
    [
        (0.3, (), "healthy"),
        (None, (), "healthy"),
        (80.0, (), "slow"),
        (80.0, (Problem("a", "b", is_fatal=False),), "warning"),
        (None, (Problem("a", "b"),), "down"),
    ],
)
def test_a_state_is_one_word(ping_ms: float | None, problems: tuple[Problem, ...], state: str) -> None:
    assert _state(StoreHealth("mongodb", "MongoDB", "", ping_ms, problems=problems)) == state
