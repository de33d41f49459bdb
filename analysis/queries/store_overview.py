"""What is where: the stores' health and what the record holds."""

from dataclasses import dataclass, field

from django.apps import apps
from django.contrib.auth.models import User
from django.db.models import Count

from analysis.queries.row_counts import row_counts
from analysis.queries.run_table import RunFilter, run_page
from features.queries.stores import store_healths
from registry.enums import OPEN_DELIVERIES, DeliveryState, OutboxStatus, RunStatus
from registry.models import Dataset, Delivery, Experiment, OutboxEntry, RegisteredModel, TrainingRun
from registry.queries.search.run_cells import RunCells
from registry.store_health import Problem, State, StoreHealth

SLOW_MS = 50.0
LATEST = 8
KEEPS = {
    "postgresql": "Identity, params, metrics, artifacts, models: the record itself.",
    "mongodb": "Bodies of any shape: configs, epochs, notes, events.",
    "redis-cache": "Pages and answers that can be made again; it may forget.",
    "redis-store": "Online features, leaderboards, counters; it evicts nothing.",
    "rabbitmq": "Messages on their way to workers and consumers; what is owed is on record in PostgreSQL.",
}


COLLECTIONS = {"events": "buckets of events", "customers": "documents of customers"}
"""Of MongoDB; by their own name they would be taken for the tables of PostgreSQL."""


@dataclass(frozen=True, slots=True)
class StoreCard:
    """One store as the overview shows it.

    Attributes:
        state: ``healthy``, ``slow``, ``warning`` or ``down``.
        counts: Name and number of rows, documents or keys; the largest first.
    """

    health: StoreHealth
    state: str
    keeps: str
    counts: list[tuple[str, int]]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class RecordFigures:
    """What PostgreSQL has on record.

    Attributes:
        waiting_count, parked_count: effects owed to other stores, and those that were given up.
        owed_count, dead_count: messages owed to a queue, and those that nobody could do.
    """

    run_count: int
    experiment_count: int
    dataset_count: int
    model_count: int
    waiting_count: int
    parked_count: int
    owed_count: int
    dead_count: int
    by_status: list[tuple[str, int]]
    by_framework: list[tuple[str, float]]
    latest: list[RunCells] = field(default_factory=list)


def store_cards() -> list[StoreCard]:
    """Each store's card (asked side by side, at most 4 s; never raises)."""
    tables = {model._meta.db_table: str(model._meta.verbose_name_plural) for model in apps.get_models()}
    names = tables | COLLECTIONS
    return [
        StoreCard(
            health=health,
            state=_state(health),
            keeps=KEEPS[health.store],
            counts=sorted(
                ((names.get(name, name).replace("_", " "), count) for name, count in health.counts.items()),
                key=lambda pair: (-pair[1], pair[0]),
            ),
            problems=health.problems,
        )
        for health in store_healths()
    ]


def record_figures(viewer: User) -> RecordFigures:
    """Counts of everything, and the latest runs that this user may read (three statements)."""
    active = TrainingRun.objects.active()
    groups = list(active.order_by().values_list("status", "framework").annotate(Count("pk")))
    counts = row_counts(
        experiment_count=Experiment.objects.all(),
        dataset_count=Dataset.objects.all(),
        model_count=RegisteredModel.objects.all(),
        waiting_count=OutboxEntry.objects.filter(status=OutboxStatus.DUE),
        parked_count=OutboxEntry.objects.filter(status=OutboxStatus.PARKED),
        owed_count=Delivery.objects.filter(state__in=OPEN_DELIVERIES),
        dead_count=Delivery.objects.filter(state=DeliveryState.DEAD),
    )
    by_framework = _totals([(framework or "not said", count) for _, framework, count in groups])
    by_status = dict(_totals([(status, count) for status, _, count in groups]))
    return RecordFigures(
        run_count=sum(by_status.values()),
        **counts,
        by_status=[(status.value, by_status[status]) for status in RunStatus if status in by_status],
        by_framework=[(name, float(count)) for name, count in by_framework],
        latest=run_page(RunFilter(viewer), size=LATEST).rows,
    )


def _state(health: StoreHealth) -> str:
    if health.state != State.OK:
        return str(health.state)
    return "slow" if (health.ping_ms or 0) > SLOW_MS else "healthy"


def _totals(pairs: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Counts added up by name, the largest first."""
    totals: dict[str, int] = {}
    for name, count in pairs:
        totals[name] = totals.get(name, 0) + count
    return sorted(totals.items(), key=lambda pair: (-pair[1], pair[0]))
