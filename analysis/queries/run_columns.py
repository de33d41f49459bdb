"""The columns of the runs table, named as its filters and orders name them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from registry.filters import RUNS_TABLE, Entity, Field, FilterError, Order, field_text, parse_order
from registry.queries.search.run_cells import Keys, RunCells

MOST_COLUMNS = 24
DEFAULT_COLUMNS = ("status", "dataset", "framework", "model", "accuracy", "loss", "duration", "started_at")
DEFAULT_SORT = "-started_at"
BUILT_IN = {
    "status": ("Status", "status"),
    "experiment": ("Experiment", "text"),
    "dataset": ("Dataset", "text"),
    "framework": ("Framework", "text"),
    "model": ("Model", "text"),
    "owner": ("Owner", "text"),
    "accuracy": ("Accuracy", "number"),
    "loss": ("Loss", "number"),
    "duration": ("Duration", "duration"),
    "started_at": ("Started", "time"),
    "ended_at": ("Ended", "time"),
    "run_id": ("Run id", "text"),
    "lifecycle": ("Lifecycle", "text"),
}
"""Name → its label and what its values are; the run's name is the first column, always."""
STATISTICS = {"last": 0, "min": 1, "max": 2}


@dataclass(frozen=True, slots=True)
class RunColumn:
    """A column that can be shown and sorted by.

    Attributes:
        name: as the address has it: ``status``, ``metrics.val_loss.min``, ``params.lr``, ``tags.team``.
        kind: ``status``, ``text``, ``number``, ``duration`` (seconds), ``time`` or ``param``.
    """

    name: str
    label: str
    kind: str
    field: Field

    def value(self, run: RunCells) -> Any:
        """The run's value, None where it has none."""
        field = self.field
        if field.entity is Entity.ATTRIBUTE:
            return getattr(run, field.key)
        if field.entity is Entity.METRIC:
            if field.or_key in run.metrics:
                return run.metrics[field.or_key][STATISTICS["last"]]
            found = run.metrics.get(field.key)
            return found and found[STATISTICS[field.statistic]]
        return (run.params if field.entity is Entity.PARAM else run.tags).get(field.key)


def run_column(name: str) -> RunColumn | None:
    """The column of this name in any spelling that the filters take; None where there is none."""
    try:
        order = parse_order(name, RUNS_TABLE)
        return None if order.is_descending else column_of(order.field)
    except (FilterError, ValueError):
        return None


def column_of(field: Field) -> RunColumn | None:
    """The column that shows a field; None where no column does.

    Raises:
        ValueError: no address can name the field.
    """
    name = field_text(field)
    if field.entity is Entity.ATTRIBUTE:
        label, kind = BUILT_IN.get(field.key, ("Run", "name"))
        return None if kind == "name" else RunColumn(name, label, kind, field)
    if field.entity is Entity.METRIC:
        label = field.key if field.statistic == "last" else f"{field.key} {field.statistic}"
        return RunColumn(name, field.or_key or label, "number", field)
    if field.entity is Entity.DATASET:
        return None
    return RunColumn(name, field.key, "param", field)


def chosen_columns(names: Iterable[str]) -> tuple[RunColumn, ...]:
    """The columns of these names in their order, each once, 24 at most; what is none is left out."""
    found = {column.name: column for column in map(run_column, names) if column}
    return tuple(found.values())[:MOST_COLUMNS]


def keys_shown(columns: Iterable[RunColumn]) -> Keys:
    """Which metrics, params and tags these columns need."""
    found: dict[Entity, list[str]] = {Entity.METRIC: [], Entity.PARAM: [], Entity.TAG: []}
    for column in columns:
        if column.field.entity in found:
            found[column.field.entity] += [key for key in (column.field.key, column.field.or_key) if key]
    return Keys(metrics=found[Entity.METRIC], params=found[Entity.PARAM], tags=found[Entity.TAG])


@dataclass(frozen=True, slots=True)
class Sorting:
    """An order and how the address has it: ``accuracy``, ``-started_at``, ``-metrics.val_loss.min``."""

    text: str
    name: str
    order: Order


def parsed_sort(text: str) -> Sorting:
    """The sorting that ``text`` asks for; newest first where it asks for none that exists."""
    try:
        order = parse_order(text.removeprefix("-"), RUNS_TABLE)
        name = field_text(order.field)
    except (FilterError, ValueError):
        return parsed_sort(DEFAULT_SORT)
    is_descending = order.is_descending or text.startswith("-")
    if order.field.entity is Entity.DATASET:
        return parsed_sort(DEFAULT_SORT)
    return Sorting(f"{'-' * is_descending}{name}", name, Order(order.field, is_descending))
