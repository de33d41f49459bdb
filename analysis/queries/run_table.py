"""One page of the runs table."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q, Value

from analysis.queries.conditions import Condition, with_metric, with_param
from analysis.queries.cursors import loaded
from analysis.queries.run_sorting import DEFAULT_SORT, Sorting, parsed_sort
from analysis.queries.run_window import cursor_text, window_at
from registry.models import Metric, Param, TrainingRun
from registry.models.run import RunQuerySet
from registry.queries.permissions import visible_to

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs, in which order, with which columns; an empty field asks for nothing.

    Pages set ``viewer``: runs that this user may not read are left out.
    """

    experiment: str = ""
    dataset: str = ""
    framework: str = ""
    status: str = ""
    text: str = ""
    min_accuracy: float | None = None
    params: tuple[Condition, ...] = ()
    metrics: tuple[Condition, ...] = ()
    sort: str = DEFAULT_SORT
    metric_columns: tuple[str, ...] = ()
    param_columns: tuple[str, ...] = ()
    viewer: User | None = None


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as the table shows it; ``metrics`` and ``params`` follow the chosen columns."""

    run_id: str
    name: str
    experiment: str
    dataset: str
    model_name: str
    framework: str
    status: str
    accuracy: float | None
    loss: float | None
    duration_seconds: float | None
    started_at: dt.datetime
    metrics: list[float | None]
    params: list[str | None]


@dataclass(frozen=True, slots=True)
class RunPage:
    """A page of runs, the cursors of its neighbours (empty where there is none), and its sorting."""

    rows: list[RunRow]
    sorting: Sorting
    previous_cursor: str = ""
    next_cursor: str = ""
    metric_keys: list[str] = field(default_factory=list)
    param_keys: list[str] = field(default_factory=list)


def run_page(wanted: RunFilter, *, cursor: str = "", size: int = PAGE_SIZE) -> RunPage:
    """The page at the cursor; the first one where the cursor is empty or was not made here.

    Four statements, one or two more with a cursor: the place, the runs, the values of their chosen
    metrics and params, and the keys that further columns can be chosen from.

    Raises:
        BadInputError: A metric is compared with something that is no number.
    """
    sorting = parsed_sort(wanted.sort)
    runs, orders = sorting.apply(filtered_runs(wanted))
    window = window_at(runs, orders, loaded(cursor, sort=sorting.text), size)
    metric_keys, param_keys = _keys(window.runs)
    return RunPage(
        rows=_rows(window.runs, wanted),
        sorting=sorting,
        previous_cursor=(
            cursor_text(window.runs[0], sorting, orders, is_backwards=True) if window.has_previous else ""
        ),
        next_cursor=(
            cursor_text(window.runs[-1], sorting, orders, is_backwards=False) if window.has_next else ""
        ),
        metric_keys=metric_keys,
        param_keys=param_keys,
    )


def filtered_runs(wanted: RunFilter) -> RunQuerySet:
    """The active runs that meet every condition, in no order yet.

    Raises:
        BadInputError: A metric is compared with something that is no number.
    """
    exact = {
        "experiment__name": wanted.experiment,
        "dataset__name": wanted.dataset,
        "framework": wanted.framework,
        "status": wanted.status,
    }
    runs = TrainingRun.objects.active().filter(**{path: name for path, name in exact.items() if name})
    if wanted.viewer is not None:
        runs = runs.filter(visible_to(wanted.viewer, experiment="experiment"))
    if wanted.text:
        runs = runs.filter(Q(name__icontains=wanted.text) | Q(model_name__icontains=wanted.text))
    if wanted.min_accuracy is not None:
        runs = runs.filter(accuracy__gte=wanted.min_accuracy)
    for condition in wanted.params:
        runs = with_param(runs, condition)
    for condition in wanted.metrics:
        runs = with_metric(runs, condition)
    return runs


def _rows(runs: list[TrainingRun], wanted: RunFilter) -> list[RunRow]:
    metrics = _values(Metric, "latest_value", runs, wanted.metric_columns)
    params = _values(Param, "value", runs, wanted.param_columns)
    return [
        RunRow(
            run_id=run.run_id,
            name=run.name,
            experiment=run.experiment.name,
            dataset=run.dataset.name if run.dataset else "",
            model_name=run.model_name,
            framework=run.framework,
            status=run.status,
            accuracy=run.accuracy,
            loss=run.loss,
            duration_seconds=run.duration_seconds,
            started_at=run.started_at,
            metrics=[metrics.get((run.pk, key)) for key in wanted.metric_columns],
            params=[params.get((run.pk, key)) for key in wanted.param_columns],
        )
        for run in runs
    ]


def _values(
    model: type[Metric | Param], field: str, runs: list[TrainingRun], keys: tuple[str, ...]
) -> dict[tuple[int, str], Any]:
    rows = model._default_manager.filter(run__in=runs, key__in=keys)
    return {(run, key): value for run, key, value in rows.values_list("run_id", "key", field)}


def _keys(runs: list[TrainingRun]) -> tuple[list[str], list[str]]:
    """The names of the metrics and of the params that these runs have (one statement)."""
    metrics = Metric.objects.filter(run__in=runs).order_by().values_list("key", Value("metric"))
    params = Param.objects.filter(run__in=runs).order_by().values_list("key", Value("param"))
    found = sorted(metrics.union(params))
    return [key for key, kind in found if kind == "metric"], [key for key, kind in found if kind == "param"]
