"""Runs by filter, order and page, with chosen values of each: what a table shows. One statement a page."""

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import connection

from .operators import Arguments
from .pages import Place, checked_size
from .run_pages import RunSearch
from .runs import MAX_RUNS, search_statement

Extremes = tuple[float, float | None, float | None]

ROWS = """
SELECT replace(r.run_id::text, '-', ''), r.name, e.name, e.experiment_id, coalesce(d.name, ''),
    t.model_name, t.framework, r.status, CASE WHEN e.lifecycle = 'active' THEN r.lifecycle ELSE 'deleted' END,
    coalesce(u.username, ''), t.accuracy, t.loss, t.duration_seconds, r.started_at, r.ended_at,
    (SELECT json_object_agg(x.key, json_build_array(x.latest_value, x.min_value, x.max_value))::text
        FROM registry_metric x WHERE x.run_id = r.id AND x.key = ANY({metrics}::text[])),
    (SELECT json_object_agg(x.key, x.value)::text
        FROM registry_param x WHERE x.run_id = r.id AND x.key = ANY({params}::text[])),
    (SELECT json_object_agg(x.key, x.value)::text
        FROM registry_runtag x WHERE x.run_id = r.id AND x.key = ANY({tags}::text[]))
"""
FROM = """
FROM page r JOIN registry_experiment e ON e.id = r.experiment_id JOIN registry_trainingrun t ON t.id = r.id
LEFT JOIN registry_dataset d ON d.id = r.dataset_id LEFT JOIN auth_user u ON u.id = r.created_by_id
"""


@dataclass(frozen=True, slots=True)
class Keys:
    """Of which metrics, params and tags the values are wanted."""

    metrics: Sequence[str] = ()
    params: Sequence[str] = ()
    tags: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class RunCells:
    """A run and the chosen values that it has.

    Attributes:
        lifecycle: ``deleted`` also where the experiment is in the bin.
        metrics: key → latest, least and greatest value.
    """

    run_id: str
    name: str
    experiment: str
    experiment_id: str
    dataset: str
    model: str
    framework: str
    status: str
    lifecycle: str
    owner: str
    accuracy: float | None
    loss: float | None
    duration: float | None
    started_at: dt.datetime
    ended_at: dt.datetime | None
    metrics: dict[str, Extremes]
    params: dict[str, str]
    tags: dict[str, str]


@dataclass(frozen=True, slots=True)
class CellPage:
    """Consecutive runs in order, the places of the first and the last, and whether there are more.

    Attributes:
        has_more: behind the last one, or before the first one where the search went backwards.
    """

    rows: list[RunCells]
    first: Place | None
    last: Place | None
    has_more: bool


def run_cells(*, user: User, search: RunSearch, keys: Keys) -> CellPage:
    """The runs that the user may read and the search finds.

    Raises:
        BadInputError: the order or the size of the page can't be had, or the place is of another order.
    """
    size = checked_size(search.size, most=MAX_RUNS)

    def rows(arguments: Arguments) -> str:
        wanted = {name: arguments.add(list(getattr(keys, name))) for name in ("metrics", "params", "tags")}
        return ROWS.format(**wanted)

    statement, arguments, places = search_statement(user=user, search=search, rows=rows, source=FROM)
    with connection.cursor() as cursor:
        cursor.execute(statement, arguments)
        found = cursor.fetchall()
    shown = found[:size][::-1] if search.is_backwards else found[:size]
    return CellPage(
        rows=[_cells(row[:-places]) for row in shown],
        first=tuple(shown[0][-places:]) if shown else None,
        last=tuple(shown[-1][-places:]) if shown else None,
        has_more=len(found) > size,
    )


def _cells(row: Sequence[object]) -> RunCells:
    metrics, params, tags = (json.loads(str(each)) if each else {} for each in row[-3:])
    numbers = {key: tuple(None if v is None else float(v) for v in each) for key, each in metrics.items()}
    return RunCells(*row[:-3], metrics=numbers, params=params, tags=tags)  # type: ignore[arg-type, misc]
