"""One row of the table of runs, with its rows of the other tables, as a run."""

import io
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from registry.exceptions import BadInputError
from registry.fields import HEX_ID
from registry.imports.conversions import milliseconds, status_in, time_in
from registry.imports.records import LEFT_OUT, ImportedFile, ImportedRun, Problem
from registry.services.metric_samples import MetricSample

from .cells import text_of, value_of
from .children import Children, Values
from .mapping import Cell, ChildTable, SqliteMapping
from .opening import BadText
from .samples import FIRST, PointTable, own_samples

CURE = "Mend the row in the source, and import again: what is here stays."
UNNAMED = "import.unnamed"
"""The id of the experiment for runs that name none."""
Row = Mapping[str, Any]


class RunChildren:
    """The tables of params, metrics and tags, read beside the runs."""

    def __init__(self, connection: sqlite3.Connection, mapping: SqliteMapping) -> None:
        self.params, self.metrics, self.tags = (
            [Children(connection, table) for table in tables]
            for tables in (mapping.params, mapping.metrics, mapping.tags)
        )
        self.points = [PointTable(table, mapping.times) for table in mapping.metrics]

    def left(self) -> Iterator[Problem]:
        """What is in them that belongs to no run."""
        for each in (*self.params, *self.metrics, *self.tags):
            each.finish()
            if each.orphans:
                cause = f"{each.orphans:,} rows belong to no run (the first to {each.first_orphan!r})."
                yield Problem(
                    f"table {each.table.table}", cause, "Nothing, if those runs are gone.", LEFT_OUT
                )


def run_of(row: Row, mapping: SqliteMapping, children: RunChildren) -> ImportedRun | Problem:
    """The run of a row, whose text id is under the empty name."""
    key = row[""]
    place = f"table {mapping.runs.table}, id {key if isinstance(key, str) else '?'}"
    try:
        return _run(row, mapping, children, place)
    except BadInputError as error:
        return Problem(place, str(error), CURE, "run", key if isinstance(key, str) else "")


def _run(row: Row, mapping: SqliteMapping, children: RunChildren, place: str) -> ImportedRun:
    key = row[""]
    if not isinstance(key, str) or not key:
        raise BadInputError("It has no id." if not isinstance(key, BadText) else "Its id is no UTF-8.")
    listed = [
        [child.of(key) for child in group] for group in (children.params, children.tags, children.metrics)
    ]
    fields = {name: row[column] for name, column in mapping.runs.fields.items() if name != "id"}
    started_at, ended_at = (_time(fields, name, mapping.times) for name in ("started_at", "ended_at"))
    at = milliseconds(ended_at or started_at) if ended_at or started_at else 0
    groups = mapping.runs.groups
    params = _values(row, groups["params"]) | _pairs(mapping.params, listed[0])
    tags = {
        name: text_of(row[cell.column])
        for name, cell in groups["tags"].items()
        if row[cell.column] is not None
    }
    for table, rows in zip(mapping.tags, listed[1], strict=True):
        tags |= {text_of(key): text_of(cell) for _, key, cell in _told_pairs(table, rows)}
    return ImportedRun(
        source_id=key,
        run_id=key if HEX_ID.fullmatch(key) else None,
        experiment_source_id=_text(fields, "experiment") or UNNAMED,
        name=_text(fields, "name"),
        status=status_in(_text(fields, "status")) if _text(fields, "status") else "FINISHED",
        started_at=started_at,
        ended_at=ended_at,
        model_name=_text(fields, "model_name"),
        framework=_text(fields, "framework"),
        params=params,
        tags=tags,
        metrics=_samples(row, mapping, children, listed[2], at),
        dataset_source_id=_text(fields, "dataset"),
        artifacts=_files(row, groups["artifacts"]),
        parent_source_id=_text(fields, "parent"),
        custom=_values(row, groups["custom"]),
        place=place,
    )


def _text(fields: Mapping[str, Any], name: str) -> str:
    return text_of(fields.get(name))


def _time(fields: Mapping[str, Any], name: str, form: str) -> Any:
    cell = fields.get(name)
    text_of(cell)  # refuses what is no text
    return None if cell is None or cell == "" else time_in(cell, form)


def _values(row: Row, cells: Mapping[str, Cell]) -> dict[str, Any]:
    found = {}
    for name, cell in cells.items():
        if row[cell.column] is not None:
            found[name] = _told(f"Column {cell.column}", row[cell.column], cell.way)
    return found


def _pairs(tables: Any, listed: Sequence[Iterator[Values]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for table, rows in zip(tables, listed, strict=True):
        for number, name, cell in _told_pairs(table, rows):
            key, where = text_of(name), f"Table {table.table}, row {number}"
            if key in found:
                raise BadInputError(f"{where}: it has the param {key[:50]!r} twice.")
            found[key] = _told(where, cell, table.value.way)
    return found


def _told_pairs(table: ChildTable, rows: Iterator[Values]) -> Iterator[tuple[Any, Any, Any]]:
    """Rowid, key and value of each row."""
    for row in rows:
        named = dict(zip(table.columns[1:], row[FIRST:], strict=True))
        yield row[1], named[table.key], named[table.value.column]


def _told(where: str, cell: Any, way: str) -> Any:
    try:
        return value_of(cell, way)
    except BadInputError as error:
        raise BadInputError(f"{where}: {error}") from error


def _files(row: Row, cells: Mapping[str, Cell]) -> list[ImportedFile]:
    contents = {name: row[cell.column] for name, cell in cells.items() if row[cell.column] is not None}
    found = []
    for name, content in contents.items():
        data = content if isinstance(content, bytes) else text_of(content).encode()
        found.append(ImportedFile(name, partial(io.BytesIO, data), len(data), is_held=True))
    return found


def _samples(
    row: Row, mapping: SqliteMapping, children: RunChildren, listed: Sequence[Iterator[Values]], at: int
) -> Iterator[MetricSample]:
    yield from own_samples(row, mapping.runs.groups["metrics"], at=at)
    for table, rows in zip(children.points, listed, strict=True):
        yield from table.samples(rows, otherwise_at=at)
