"""What the tables of a SQLite database mean: a mapping that was proposed, and edited by people.

docs/imports.md shows one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from registry.exceptions import BadInputError
from registry.imports.csv_runs.mapping import FIELDS

from .discovery import TableFound

KEYS = ("experiments", "datasets", "runs", "params", "metrics", "tags", "experiment", "times", "tables")
GROUPS = ("params", "metrics", "tags", "custom", "artifacts")
WAYS = ("as it is", "bool", "int", "float", "text", "json", "auto")
OF_NAMED = {
    "experiments": ("id", "name", "description", "created_at"),
    "datasets": ("id", "name", "digest", "source"),
}
OF_CHILD = ("run", "key", "value", "step", "timestamp", "as")


@dataclass(frozen=True)
class Cell:
    """A column, and how its values are read."""

    column: str
    way: str = "as it is"


@dataclass(frozen=True)
class NamedTable:
    """A table of experiments or datasets: field → column."""

    table: str
    fields: Mapping[str, str]


@dataclass(frozen=True)
class RunTable:
    """The table of runs: field → column, and per group name → column."""

    table: str
    fields: Mapping[str, str]
    groups: Mapping[str, Mapping[str, Cell]]


@dataclass(frozen=True)
class ChildTable:
    """A table with some rows a run: a key and a value each, or a column for each metric."""

    table: str
    run: str
    key: str = ""
    value: Cell = Cell("")
    step: str = ""
    timestamp: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """What is read of it, the run first."""
        named = (self.key, self.value.column, self.step, self.timestamp, *self.values.values())
        return (self.run, *dict.fromkeys(each for each in named if each))


@dataclass(frozen=True)
class SqliteMapping:
    """The whole of it; every table and column in it is there."""

    runs: RunTable
    experiments: NamedTable | None = None
    datasets: NamedTable | None = None
    params: Sequence[ChildTable] = ()
    metrics: Sequence[ChildTable] = ()
    tags: Sequence[ChildTable] = ()
    experiment: str = "imported"
    times: str = "auto"


def checked_mapping(given: Mapping[str, Any], tables: Sequence[TableFound]) -> SqliteMapping:
    """A mapping of which every table and column is there.

    Raises:
        BadInputError: it names something else, or says too little; the message says where.
    """
    return _Reader(tables).read(given)


class _Reader:
    def __init__(self, tables: Sequence[TableFound]) -> None:
        self.tables = {table.name: {"rowid", *(each.name for each in table.columns)} for table in tables}

    def read(self, given: Mapping[str, Any]) -> SqliteMapping:
        if unknown := sorted(set(given) - set(KEYS)):
            raise BadInputError(f"{unknown[0]!r} is no key of a mapping; there are {', '.join(KEYS)}.")
        if "runs" not in given:
            raise BadInputError(
                f"No table is said to hold runs. There are: {', '.join(self.tables) or 'none'}."
            )
        texts = {
            name: given.get(name, usual) for name, usual in (("experiment", "imported"), ("times", "auto"))
        }
        for name, text in texts.items():
            if not isinstance(text, str) or not text.strip():
                raise BadInputError(f"{name!r} must be a text.")
        return SqliteMapping(
            runs=self._runs(given["runs"]),
            experiments=self._named(given, "experiments"),
            datasets=self._named(given, "datasets"),
            params=self._children(given, "params"),
            metrics=self._children(given, "metrics"),
            tags=self._children(given, "tags"),
            **texts,
        )

    def _runs(self, given: Any) -> RunTable:
        table = self._table(given, "runs")
        fields = {name: each for name, each in given.items() if name not in ("table", *GROUPS)}
        if wrong := sorted(set(fields) - set(FIELDS)):
            raise BadInputError(
                f"runs: {wrong[0]!r} is no field of a run; there are {', '.join((*FIELDS, *GROUPS))}."
            )
        for name, column in fields.items():
            self._column(table, column, f"runs.{name}")
        groups = {group: self._cells(table, given.get(group, {}), f"runs.{group}") for group in GROUPS}
        return RunTable(table, {"id": "rowid"} | fields, groups)

    def _named(self, given: Mapping[str, Any], role: str) -> NamedTable | None:
        if role not in given:
            return None
        table = self._table(given[role], role)
        fields = {name: each for name, each in given[role].items() if name != "table"}
        if wrong := sorted(set(fields) - set(OF_NAMED[role])):
            raise BadInputError(f"{role}: {wrong[0]!r} is none of {', '.join(OF_NAMED[role])}.")
        for name, column in fields.items():
            self._column(table, column, f"{role}.{name}")
        if missing := sorted({"id", "name"} - set(fields)):
            raise BadInputError(f"{role}: the column of {missing[0]!r} is missing.")
        return NamedTable(table, fields)

    def _children(self, given: Mapping[str, Any], role: str) -> list[ChildTable]:
        listed = given.get(role, [])
        if not isinstance(listed, list):
            raise BadInputError(f"{role!r} must be a list of tables.")
        found = [self._child(each, f"{role}[{place}]") for place, each in enumerate(listed)]
        if role != "metrics" and any(table.values for table in found):
            raise BadInputError(f"{role}: give 'key' and 'value'; only metrics have 'values'.")
        return found

    def _child(self, given: Any, where: str) -> ChildTable:
        table = self._table(given, where)
        if wrong := sorted(set(given) - {"table", "values", *OF_CHILD}):
            raise BadInputError(f"{where}: {wrong[0]!r} is none of {', '.join(('values', *OF_CHILD))}.")
        for name in ("run", "key", "value", "step", "timestamp"):
            if name in given:
                self._column(table, given[name], f"{where}.{name}")
        values = given.get("values", {})
        self._cells(table, values, f"{where}.values")
        has_pair = "key" in given and "value" in given
        if "run" not in given or has_pair == bool(values):
            raise BadInputError(f"{where}: give 'run', and either 'key' and 'value' or 'values'.")
        way = _way(given.get("as", "as it is"), where)
        texts = {name: given[name] for name in ("key", "step", "timestamp") if name in given}
        return ChildTable(
            table, given["run"], value=Cell(given.get("value", ""), way), values=values, **texts
        )

    def _table(self, given: Any, where: str) -> str:
        if not isinstance(given, dict) or not isinstance(given.get("table"), str):
            raise BadInputError(f"{where}: must be an object that names its 'table'.")
        if given["table"] not in self.tables:
            there = ", ".join(self.tables) or "none"
            raise BadInputError(f"{where}: there is no table {given['table']!r}. There are: {there}.")
        return str(given["table"])

    def _column(self, table: str, column: Any, where: str) -> None:
        if not isinstance(column, str) or column not in self.tables[table]:
            there = ", ".join(sorted(self.tables[table] - {"rowid"}))
            raise BadInputError(f"{where}: the table {table!r} has no column {column!r}. It has: {there}.")

    def _cells(self, table: str, given: Any, where: str) -> dict[str, Cell]:
        if not isinstance(given, dict):
            raise BadInputError(f"{where}: must be an object of names and columns.")
        return dict(self._each_cell(table, given, where))

    def _each_cell(self, table: str, given: Mapping[str, Any], where: str) -> Iterator[tuple[str, Cell]]:
        for name, each in given.items():
            place = f"{where}.{name}"
            said = each if isinstance(each, dict) else {"column": each}
            self._column(table, said.get("column"), place)
            yield name, Cell(str(said["column"]), _way(said.get("as", "as it is"), place))


def _way(way: Any, where: str) -> str:
    if way not in WAYS:
        raise BadInputError(f"{where}: {way!r} is no way to read a value; there are {', '.join(WAYS)}.")
    return str(way)
