"""Rows of MLflow's tables, gathered by what they belong to."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from registry.imports.records import ImportedInput, ImportedModelLink
from registry.services.metric_samples import MetricSample

from . import values
from .tables import Row, Tables

Texts = Mapping[str, str]
ROLES = {"MODEL_INPUT": "input", "MODEL_OUTPUT": "output"}
METRICS = "SELECT key, value, step, timestamp, is_nan FROM metrics WHERE run_uuid = ?"
INPUTS = "SELECT * FROM inputs WHERE source_type = 'DATASET' AND destination_id IN ({marks})"
MODELS = "SELECT * FROM inputs WHERE source_type IN ('RUN_INPUT', 'RUN_OUTPUT') AND source_id IN ({marks})"


class DatabaseRows:
    """Whole tables, or the part of them that belongs to the wanted experiments.

    Args:
        experiments: their names; all where there are none.
    """

    def __init__(self, tables: Tables, experiments: Sequence[str]) -> None:
        self._tables, self._wanted = tables, experiments

    def rows(self, table: str, order: str = "") -> Iterator[Row]:
        """A table's rows; none where this version of MLflow has no such table."""
        if table in self._tables.columns:
            yield from self._tables.rows(f"SELECT * FROM {table}{order and f' ORDER BY {order}'}")  # noqa: S608

    def count(self, table: str) -> int:
        """How many rows a table has."""
        if table not in self._tables.columns:
            return 0
        ((number,),) = self._tables.tuples(f"SELECT count(*) FROM {table}")  # noqa: S608
        return int(number)

    def experiments(self) -> Iterator[Row]:
        """The wanted experiments."""
        for row in self.rows("experiments", "experiment_id"):
            if not self._wanted or row["name"] in self._wanted:
                yield row

    def is_empty(self, experiment: Row) -> bool:
        """Whether no run belongs to an experiment."""
        statement = "SELECT count(*) FROM runs WHERE experiment_id = ?"
        ((number,),) = self._tables.tuples(statement, [experiment["experiment_id"]])
        return int(number) == 0

    def of_experiments(self, table: str, order: str) -> Iterator[Row]:
        """Rows of the wanted experiments."""
        wanted = {row["experiment_id"] for row in self.experiments()} if self._wanted else None
        for row in self.rows(table, order):
            if wanted is None or row["experiment_id"] in wanted:
                yield row

    def run_ids(self) -> list[str]:
        """The ids of the runs in the wanted experiments, in their order."""
        wanted = {row["experiment_id"] for row in self.experiments()} if self._wanted else None
        found = self._tables.tuples("SELECT run_uuid, experiment_id FROM runs ORDER BY run_uuid")
        return [run_id for run_id, experiment in found if wanted is None or experiment in wanted]

    def texts(self, table: str, *by: str, key: str = "key", value: str = "value") -> Callable[..., Texts]:
        """Keys and values by what they belong to: a function of the values of the columns ``by``."""
        groups = self.grouped(table, *by)
        return lambda *named: _texts(groups(*named), key, value)

    def grouped(self, table: str, *by: str) -> Callable[..., Sequence[Row]]:
        """Rows by what they belong to, likewise."""
        return _grouped(self.rows(table), *by)


class RunRows:
    """Some hundred runs and what belongs to them, a statement a table; metrics come as they are asked for."""

    def __init__(self, tables: Tables, ids: Sequence[object]) -> None:
        self._tables = tables
        asked = [each for each in ids if isinstance(each, str) and not values.HALF.search(each)]
        self.runs = [*self._of(asked, "runs"), *({"run_uuid": each} for each in ids if each not in asked)]
        self._params = _grouped(self._of(asked, "params"), "run_uuid")
        self._tags = _grouped(self._of(asked, "tags"), "run_uuid")
        has_inputs = "inputs" in tables.columns
        inputs = list(self._asked(INPUTS, asked)) if has_inputs else []
        self._inputs = _grouped(inputs, "destination_id")
        self._models = _grouped(self._asked(MODELS, asked) if has_inputs else (), "source_id")
        tags = self._tags_of([row["input_uuid"] for row in inputs])
        self._input_tags = _grouped(tags, "input_uuid")

    def params(self, run_id: str) -> Texts:
        """A run's params."""
        return _texts(self._params(run_id))

    def tags(self, run_id: str) -> Texts:
        """A run's tags."""
        return _texts(self._tags(run_id))

    def metrics(self, run_id: str) -> Iterator[MetricSample]:
        """A run's points; what is not a number is one there by a column of its own."""
        statement = METRICS
        if "is_nan" not in self._tables.columns["metrics"]:
            statement = statement.replace("is_nan", "0")
        if "step" not in self._tables.columns["metrics"]:
            statement = statement.replace("step", "0")
        for key, value, step, at, is_nan in self._tables.tuples(statement, [run_id]):
            if is_nan:
                yield MetricSample(key, math.nan, step, at)
            elif type(value) is float:
                yield MetricSample(key, value, step, at)
            else:
                yield MetricSample(key, values.number(value, where=f"The metric {key!r}"), step, at)

    def inputs(self, run_id: str) -> list[ImportedInput]:
        """The datasets that a run read."""
        found = [(str(row["source_id"]), self._input_tags(row["input_uuid"])) for row in self._inputs(run_id)]
        return [ImportedInput(source_id, list(_texts(tags, "name").items())) for source_id, tags in found]

    def models(self, run_id: str) -> list[ImportedModelLink]:
        """The logged models that a run read or made."""
        return [
            ImportedModelLink(
                str(row["destination_id"]),
                ROLES[row["destination_type"]],
                values.integer(row, "step", 0) or 0,
            )
            for row in self._models(run_id)
            if row["destination_type"] in ROLES
        ]

    def _of(self, ids: Sequence[str], table: str) -> Iterator[Row]:
        statement = f"SELECT * FROM {table} WHERE run_uuid IN ({{marks}}) ORDER BY run_uuid"  # noqa: S608
        return self._asked(statement, ids)

    def _tags_of(self, ids: Sequence[str]) -> Iterator[Row]:
        return self._asked("SELECT * FROM input_tags WHERE input_uuid IN ({marks})", ids)

    def _asked(self, statement: str, ids: Sequence[str]) -> Iterator[Row]:
        if ids:
            yield from self._tables.rows(statement.format(marks=", ".join("?" * len(ids))), ids)


def _grouped(rows: Iterable[Row], *by: str) -> Callable[..., Sequence[Row]]:
    groups: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[tuple(str(row.get(name)) for name in by)].append(row)
    return lambda *named: groups.get(tuple(map(str, named)), [])


def _texts(rows: Sequence[Row], key: str = "key", value: str = "value") -> dict[str, str]:
    """In the order of the keys, whatever the database's.

    Raises:
        UnreadableError: one is no text.
    """
    found = (
        (
            values.checked_text(row[key], where="a key"),
            values.checked_text(row[value], where=str(row[key])[:60]),
        )
        for row in rows
    )
    return dict(sorted(found))
