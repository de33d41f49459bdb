"""Reading runs: one, many, side by side."""

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from registry.enums import Lifecycle, RunStatus
from registry.exceptions import BadInputError, NotFoundError
from registry.models import Metric, Param, RunTag, TrainingRun
from registry.queries.archived_points import points_with_archived

MAX_RESULTS = 1_000
HISTORY = """
SELECT step, timestamp_ms, value FROM {points} p WHERE metric_id = ANY(%s)
ORDER BY step, timestamp_ms, value
"""


@dataclass(frozen=True)
class RunSummary:
    """A run with its latest metrics, params and tags."""

    run_id: str
    name: str
    experiment: str
    dataset: str | None
    model_name: str
    framework: str
    status: str
    lifecycle: str
    version: int
    accuracy: float | None
    loss: float | None
    duration_seconds: float | None
    started_at: dt.datetime
    ended_at: dt.datetime | None
    params: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Point:
    """One value of a metric's history."""

    step: int
    timestamp_ms: int
    value: float


@dataclass(frozen=True)
class Comparison:
    """Runs side by side: for each key one value a run, None where a run has none."""

    runs: list[RunSummary]
    params: dict[str, list[str | None]]
    metrics: dict[str, list[float | None]]

    @property
    def differing_params(self) -> dict[str, list[str | None]]:
        """The params that are not the same in every run."""
        return {key: values for key, values in self.params.items() if len(set(values)) > 1}


def run_summary(run_id: str) -> RunSummary:
    """One run (four statements).

    Raises:
        NotFoundError: there is none.
    """
    return run_summaries([run_id])[0]


def run_summaries(run_ids: Sequence[str]) -> list[RunSummary]:
    """Runs in the order asked for (four statements).

    Raises:
        NotFoundError: one is missing.
    """
    rows = {run.run_id: run for run in _with_names(TrainingRun.objects.filter(run_id__in=run_ids))}
    if missing := [run_id for run_id in run_ids if run_id not in rows]:
        raise NotFoundError(f"There is no run with id {', '.join(missing)}.")
    return _summaries([rows[run_id] for run_id in run_ids])


def best_runs(
    *,
    metric: str = "accuracy",
    experiment: str = "",
    dataset: str = "",
    lower_is_better: bool = False,
    limit: int = 10,
) -> list[RunSummary]:
    """Finished runs by the latest value of a metric, NaN left out (five statements)."""
    exact = {"run__experiment__name": experiment, "run__dataset__name": dataset}
    metrics = Metric.objects.filter(
        key=metric,
        run__lifecycle=Lifecycle.ACTIVE,
        run__status=RunStatus.FINISHED,
        **{key: value for key, value in exact.items() if value},
    ).exclude(latest_value=math.nan)
    order = "latest_value" if lower_is_better else "-latest_value"
    best = metrics.order_by(order, "run_id").values_list("run__run_id", flat=True)
    return run_summaries([str(run_id) for run_id in best[: _checked_limit(limit)]])


def search_runs(
    *,
    experiment: str = "",
    dataset: str = "",
    model_name: str = "",
    framework: str = "",
    status: str = "",
    text: str = "",
    params: Mapping[str, object] | None = None,
    tags: Mapping[str, str] | None = None,
    min_metrics: Mapping[str, float] | None = None,
    limit: int = 100,
) -> list[RunSummary]:
    """Active runs that meet every condition, newest first (four statements).

    Args:
        text: part of the run's name.
        params: dotted key → value; numbers are compared as numbers, the rest as text.
        min_metrics: metric → least latest value.
    """
    exact = {
        "experiment__name": experiment,
        "dataset__name": dataset,
        "model_name": model_name,
        "framework": framework,
        "status": status,
    }
    runs = TrainingRun.objects.active().filter(**{key: value for key, value in exact.items() if value})
    if text:
        runs = runs.filter(name__icontains=text)
    for key, value in (params or {}).items():
        runs = runs.filter(pk__in=Param.objects.filter(_equals(value), key=key).values("run"))
    for key, tag in (tags or {}).items():
        runs = runs.filter(pk__in=RunTag.objects.filter(key=key, value=tag).values("run"))
    for key, least in (min_metrics or {}).items():
        runs = runs.filter(pk__in=Metric.objects.filter(key=key, latest_value__gte=least).values("run"))
    return _summaries(list(_with_names(runs.order_by("-started_at", "-id"))[: _checked_limit(limit)]))


def compare_runs(run_ids: Sequence[str]) -> Comparison:
    """Runs side by side (four statements)."""
    runs = run_summaries(run_ids)
    return Comparison(
        runs=runs,
        params={key: [run.params.get(key) for run in runs] for key in _keys(run.params for run in runs)},
        metrics={key: [run.metrics.get(key) for run in runs] for key in _keys(run.metrics for run in runs)},
    )


def metric_history(*, run_id: str, key: str) -> list[Point]:
    """A metric's points in the order of step, timestamp and value, archived ones too (three statements)."""
    metrics = dict(Metric.objects.filter(run__run_id=run_id, key=key).values_list("run_id", "pk"))
    with points_with_archived(list(metrics), key=key) as points, connection.cursor() as cursor:
        cursor.execute(HISTORY.format(points=points), [list(metrics.values())])
        return [Point(*row) for row in cursor.fetchall()]


def _with_names(runs: QuerySet[TrainingRun]) -> QuerySet[TrainingRun]:
    return runs.select_related("experiment", "dataset")


def _equals(value: object) -> Q:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Q(value_number=value)
    return Q(value=str(value))


def _keys(mappings: Any) -> list[str]:
    return sorted({key for mapping in mappings for key in mapping})


def _checked_limit(limit: int) -> int:
    if not 1 <= limit <= MAX_RESULTS:
        raise BadInputError(f"The limit is between 1 and {MAX_RESULTS}, not {limit}.")
    return limit


def _summaries(runs: list[TrainingRun]) -> list[RunSummary]:
    keys = [run.pk for run in runs]
    params = _grouped(Param.objects.filter(run__in=keys).values_list("run_id", "key", "value"))
    metrics = _grouped(Metric.objects.filter(run__in=keys).values_list("run_id", "key", "latest_value"))
    tags = _grouped(RunTag.objects.filter(run__in=keys).values_list("run_id", "key", "value"))
    return [
        RunSummary(
            run_id=run.run_id,
            name=run.name,
            experiment=run.experiment.name,
            dataset=run.dataset.name if run.dataset else None,
            model_name=run.model_name,
            framework=run.framework,
            status=run.status,
            lifecycle=run.lifecycle,
            version=run.version,
            accuracy=run.accuracy,
            loss=run.loss,
            duration_seconds=run.duration_seconds,
            started_at=run.started_at,
            ended_at=run.ended_at,
            params=params.get(run.pk, {}),
            metrics=metrics.get(run.pk, {}),
            tags=tags.get(run.pk, {}),
        )
        for run in runs
    ]


def _grouped(rows: Any) -> dict[int, dict[str, Any]]:
    grouped: dict[int, dict[str, Any]] = {}
    for run, key, value in rows.order_by("key"):
        grouped.setdefault(run, {})[key] = value
    return grouped
