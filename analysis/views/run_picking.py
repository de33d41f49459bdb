"""What the runs table offers beside its rows: headings to sort by, columns to choose, examples of filters."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.queries.run_columns import (
    BUILT_IN,
    DEFAULT_COLUMNS,
    MOST_COLUMNS,
    STATISTICS,
    RunColumn,
    Sorting,
    run_column,
)
from analysis.views.run_filter import address
from registry.filters import RUNS_TABLE, Entity, Field, field_text
from registry.queries.search.run_cells import RunCells
from registry.queries.search.run_keys import KnownKey

ENTITIES = {"metric": Entity.METRIC, "param": Entity.PARAM, "tag": Entity.TAG}
FEW = 5  # so many different metrics are shown by "what differs", the rest being params


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's head: the address that sorts by it, and how the table is sorted by it now."""

    label: str
    address: str
    direction: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A column to tick: its name, a metric's statistic, and whether it is shown already."""

    name: str
    label: str
    is_shown: bool


@dataclass(frozen=True, slots=True)
class ColumnGroup:
    """Columns to tick by their labels; a metric has three."""

    title: str
    rows: list[tuple[str, list[Tick]]]


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column that is shown, and the addresses that move it forward or leave it out, empty where none."""

    column: RunColumn
    earlier: str
    without: str


def headings(sorting: Sorting, columns: Sequence[RunColumn], data: Any) -> list[Heading]:
    """The heads of all columns; a number's first click shows the greatest first, as does a time's."""
    name = _heading(sorting, "name", "Run", is_number=False, greatest_first=False, data=data)
    return [name, *(_of_column(sorting, column, data) for column in columns)]


def _of_column(sorting: Sorting, column: RunColumn, data: Any) -> Heading:
    is_number = column.kind in ("number", "duration")
    return _heading(
        sorting,
        column.name,
        column.label,
        is_number=is_number,
        greatest_first=is_number or column.kind == "time",
        data=data,
    )


def _heading(
    sorting: Sorting, name: str, label: str, *, is_number: bool, greatest_first: bool, data: Any
) -> Heading:
    ascending, descending = name, f"-{name}"
    if sorting.name == name:
        is_descending = sorting.text == descending
        other = ascending if is_descending else descending
        direction = "descending" if is_descending else "ascending"
        return Heading(label, address(data, sort=other), direction, is_number)
    return Heading(label, address(data, sort=descending if greatest_first else ascending), "", is_number)


def shown_columns(columns: Sequence[RunColumn], data: Any) -> list[ShownColumn]:
    """What is shown, in order, each with its two links."""
    names = [column.name for column in columns]
    found = []
    for at, column in enumerate(columns):
        swapped = [*names[: at - 1], column.name, names[at - 1], *names[at + 1 :]] if at else []
        rest = [name for name in names if name != column.name]
        found.append(
            ShownColumn(
                column,
                address(data, columns=swapped) if swapped else "",
                address(data, columns=rest) if rest else "",
            )
        )
    return found


def column_groups(keys: Sequence[KnownKey], shown: Sequence[RunColumn]) -> list[ColumnGroup]:
    """All columns that this page's runs have something to show in."""
    names = {column.name for column in shown}
    built_in = [(label, [Tick(name, "", name in names)]) for name, (label, _) in BUILT_IN.items()]
    groups = [ColumnGroup("Of each run", built_in)]
    for kind, title in (("metric", "Metrics"), ("param", "Params"), ("tag", "Tags")):
        rows = [(key.key, ticks) for key in keys if key.kind == kind and (ticks := _ticks(key, names))]
        if rows:
            groups.append(ColumnGroup(title, rows))
    return groups


def differing_columns(rows: Sequence[RunCells], keys: Sequence[KnownKey]) -> list[str]:
    """The names of columns in which these runs differ: built-in ones, then metrics, params and tags."""
    built_in = [
        name
        for name in DEFAULT_COLUMNS
        if (column := run_column(name)) and len({column.value(run) for run in rows}) > 1
    ]
    names: dict[str, list[str]] = {"metric": [], "param": [], "tag": []}
    for key in keys:
        if key.is_differing and key.key not in BUILT_IN and not key.key.startswith("mlflow."):
            names[key.kind] += filter(None, [_name(key)])
    return [*built_in, *names["metric"][:FEW], *names["param"], *names["tag"]][:MOST_COLUMNS]


def examples(keys: Sequence[KnownKey]) -> Iterator[tuple[str, str]]:
    """Filters that can be tried at once, with what they mean; made of this page's keys."""
    metric = _first(keys, "metric", "metrics.accuracy")
    param = _first(keys, "param", "params.lr")
    tag = _first(keys, "tag", "tags.team")
    yield f"{metric} > 0.9", "the last value of a metric"
    yield f"{metric}.max > 0.9 AND loss < 0.3", "the best value it ever had; runs' own loss"
    yield f"{param} IS NOT NULL", "runs that have a param"
    yield f"{param} IN (1, 2, 10) OR {param} = 'auto'", "a param as a number, or as text"
    yield "status = 'FAILED' AND started_at > '2026-11-01'", "what failed since a day (UTC)"
    yield "name ILIKE '%forest%' AND NOT framework IN ('xgboost')", "% stands for any text"
    yield f"dataset.name = 'wine' OR {tag} = 'yes'", "any data set of a run, or a tag"
    yield "duration > 60 AND owner IS NOT NULL", "seconds; who logged it"


def field_names(keys: Sequence[KnownKey]) -> list[str]:
    """What can be compared: attributes, data sets, and this page's metrics, params and tags."""
    attributes = [*RUNS_TABLE.attributes, "dataset.name", "dataset.digest", "dataset.context"]
    return attributes + [name for key in keys if (name := _name(key))]


def _first(keys: Sequence[KnownKey], kind: str, otherwise: str) -> str:
    """The name of the first key of a kind that a person gave."""
    own = (key for key in keys if key.kind == kind and not key.key.startswith("mlflow."))
    return next((name for key in own if (name := _name(key))), otherwise)


def _ticks(key: KnownKey, shown: set[str]) -> list[Tick]:
    statistics = STATISTICS if key.kind == "metric" else ["last"]
    names = [(each, _name(key, each)) for each in statistics]
    found = [(each, column) for each, name in names if name and (column := run_column(name))]
    return [Tick(column.name, each, column.name in shown) for each, column in found]


def _name(key: KnownKey, statistic: str = "last") -> str:
    """A key as addresses and filters name it; nothing where none can."""
    try:
        return field_text(Field(ENTITIES[key.kind], key.key, statistic))
    except ValueError:
        return ""
