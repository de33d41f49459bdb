"""What is where: the stores' health and what the record holds."""

from dataclasses import dataclass, field

from django.apps import apps
from django.contrib.auth.models import User
from django.db.models import Count, Q

from analysis.queries.run_table import RunFilter, RunRow, run_page
from features.queries.stores import store_healths
from registry.enums import OutboxStatus, RunStatus
from registry.models import Dataset, Experiment, OutboxEntry, RegisteredModel, TrainingRun
from registry.store_health import Problem, State, StoreHealth

SLOW_MS = 50.0
LATEST = 8
KEEPS = {
    "postgresql": "Identity, params, metrics, artifacts, models: the record itself.",
    "mongodb": "Bodies of any shape: configs, epochs, notes, events.",
    "redis-cache": "Pages and answers that can be made again; it may forget.",
    "redis-store": "Online features, leaderboards, counters; it evicts nothing.",
}


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
    """What PostgreSQL has on record."""

    run_count: int
    experiment_count: int
    dataset_count: int
    model_count: int
    waiting_count: int
    parked_count: int
    by_status: list[tuple[str, int]]
    by_framework: list[tuple[str, float]]
    latest: list[RunRow] = field(default_factory=list)


def store_cards() -> list[StoreCard]:
    """Each store's card (asked side by side, at most 4 s; never raises)."""
    names = {model._meta.db_table: str(model._meta.verbose_name_plural) for model in apps.get_models()}
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
    """Counts of everything, and the latest runs that this user may read (eight statements)."""
    active = TrainingRun.objects.active()
    groups = list(active.order_by().values_list("status", "framework").annotate(Count("pk")))
    outbox = OutboxEntry.objects.aggregate(
        waiting=Count("pk", filter=Q(status=OutboxStatus.DUE)),
        parked=Count("pk", filter=Q(status=OutboxStatus.PARKED)),
    )
    by_framework = _totals([(framework or "not said", count) for _, framework, count in groups])
    by_status = dict(_totals([(status, count) for status, _, count in groups]))
    return RecordFigures(
        run_count=sum(by_status.values()),
        experiment_count=Experiment.objects.count(),
        dataset_count=Dataset.objects.count(),
        model_count=RegisteredModel.objects.count(),
        waiting_count=outbox["waiting"],
        parked_count=outbox["parked"],
        by_status=[(status.value, by_status[status]) for status in RunStatus if status in by_status],
        by_framework=[(name, float(count)) for name, count in by_framework],
        latest=run_page(RunFilter(viewer=viewer), size=LATEST).rows,
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
