"""A SQLite database of runs, in a schema of its own, as a source of an import."""

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from registry.exceptions import BadInputError
from registry.imports.conversions import time_in
from registry.imports.records import (
    ImportedDataset,
    ImportedExperiment,
    ImportedLoggedModel,
    ImportedRegisteredModel,
    ImportedRun,
    Problem,
    Progress,
)

from .cells import text_of
from .discovery import proposed_mapping, tables_of
from .mapping import NamedTable, SqliteMapping, checked_mapping
from .opening import check, opened, quoted
from .run_rows import CURE, UNNAMED, RunChildren, run_of

BROKEN = "Mend it with sqlite3's .recover, or copy it again."


class SqliteSource:
    """Runs of a SQLite database; without a mapping, by the one that is proposed.

    Args:
        given: a mapping as people write it (:mod:`.mapping`).
    """

    kind = "sqlite"

    def __init__(self, path: Path, given: Mapping[str, Any] | None = None) -> None:
        self.path, self.place, self._given = path, str(path.resolve()), given
        self._mapping: SqliteMapping | None = None

    def fingerprint(self) -> str:
        """SHA-256 of the file, of what waits in its -wal, and of the mapping that was given."""
        digest = hashlib.sha256(repr(self._given).encode() if self._given else b"")
        for each in (self.path, self.path.with_name(f"{self.path.name}-wal")):
            if each.is_file():
                with each.open("rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()

    def examine(self) -> Iterator[Problem | Progress]:
        """The database is sound, and the mapping fits it."""
        try:
            with opened(self.path) as connection:
                for trouble in check(connection):
                    yield Problem(self.path.name, f"SQLite finds it broken: {trouble}.", BROKEN, "source")
                self.mapping  # noqa: B018 (read and checked)
        except BadInputError as error:
            cure = "See manage.py import_sqlite FILE --discover."
            yield Problem(self.path.name, str(error), cure, "source")

    @property
    def mapping(self) -> SqliteMapping:
        """The mapping, checked against the tables.

        Raises:
            BadInputError: it does not fit, or the file can't be read.
        """
        if self._mapping is None:
            with opened(self.path) as connection:
                tables = tables_of(connection)
            given = self._given or proposed_mapping(tables, stem=self.path.stem)
            self._mapping = checked_mapping(given, tables)
        return self._mapping

    def experiments(self) -> Iterator[ImportedExperiment | Problem]:
        """Those of their table, or those that runs name; and one for runs that name none."""
        mapping = self.mapping
        if mapping.experiments is None:
            yield from (ImportedExperiment(name, name) for name in self._distinct("experiment"))
        else:
            for record in self._named(mapping.experiments, "experiment"):
                yield record if isinstance(record, Problem) else self._experiment(record)
        if self._has_unnamed():
            yield ImportedExperiment(UNNAMED, mapping.experiment)

    def datasets(self) -> Iterator[ImportedDataset | Problem]:
        """Those of their table, or those that runs name."""
        if self.mapping.datasets is None:
            yield from (ImportedDataset(name, name) for name in self._distinct("dataset"))
            return
        for record in self._named(self.mapping.datasets, "dataset"):
            yield (
                record if isinstance(record, Problem) else ImportedDataset(**_of(record, "digest", "source"))
            )

    def runs(self) -> Iterator[ImportedRun | Problem]:
        """All runs in the order of their ids as text, each with its rows of the other tables."""
        mapping = self.mapping
        with opened(self.path) as connection:
            children = RunChildren(connection, mapping)
            for row in self._run_rows(connection):
                yield run_of(row, mapping, children)
            yield from children.left()

    def logged_models(self) -> Iterator[ImportedLoggedModel | Problem]:
        """None."""
        yield from ()

    def registered_models(self) -> Iterator[ImportedRegisteredModel | Problem]:
        """None."""
        yield from ()

    def _experiment(self, record: Mapping[str, str]) -> ImportedExperiment | Problem:
        created = record.get("created_at")
        try:
            created_at = time_in(created, self.mapping.times) if created else None
        except BadInputError as error:
            return Problem(record["place"], str(error), CURE, "experiment", record["id"])
        return ImportedExperiment(
            record["id"], record["name"], record.get("description", ""),
            created_at=created_at, place=record["place"],
        )  # fmt: skip

    def _named(self, table: NamedTable, kind: str) -> Iterator[dict[str, str] | Problem]:
        """Rows of experiments or datasets as texts, each with its place."""
        for number, row in enumerate(self._rows(table.table, list(table.fields.values())), start=1):
            place = f"table {table.table}, row {number}"
            try:
                texts = {name: text_of(cell) for name, cell in zip(table.fields, row, strict=True)}
            except BadInputError as error:
                yield Problem(place, str(error), CURE, kind, f"row {number}")
                continue
            yield texts | {"place": place}

    def _rows(self, table: str, columns: Sequence[str], rest: str = "") -> Iterator[tuple[Any, ...]]:
        with opened(self.path) as connection:
            names = ", ".join(quoted(name) for name in columns)
            yield from connection.execute(f"SELECT {names} FROM {quoted(table)} {rest}")  # noqa: S608 (quoted)

    def _distinct(self, field: str) -> list[str]:
        column = self.mapping.runs.fields.get(field)
        if column is None:
            return []
        rows = self._rows(self.mapping.runs.table, [column], f"GROUP BY {quoted(column)}")
        return list(
            dict.fromkeys(str(cell) for (cell,) in rows if isinstance(cell, (str, int, float)) and cell != "")
        )

    def _has_unnamed(self) -> bool:
        column = self.mapping.runs.fields.get("experiment")
        if column is None:
            return True
        empty = f"WHERE {quoted(column)} IS NULL OR {quoted(column)} = '' LIMIT 1"
        return any(True for _ in self._rows(self.mapping.runs.table, [column], empty))

    def _run_rows(self, connection: sqlite3.Connection) -> Iterator[dict[str, Any]]:
        runs = self.mapping.runs
        cells = [cell.column for group in runs.groups.values() for cell in group.values()]
        names = list(dict.fromkeys([*runs.fields.values(), *cells]))
        key = f"CAST({quoted(runs.fields['id'])} AS TEXT)"
        columns = ", ".join([key, *(quoted(name) for name in names)])
        sql = f"SELECT {columns} FROM {quoted(runs.table)} ORDER BY {key} COLLATE BINARY"  # noqa: S608 (quoted)
        for key_text, *row in connection.execute(sql):
            yield {"": key_text, **dict(zip(names, row, strict=True))}


def _of(record: Mapping[str, str], *names: str) -> dict[str, str]:
    """Its id, name and place, and these where they say something."""
    known = {name: record[name] for name in names if record.get(name)}
    return {"source_id": record["id"], "name": record["name"], "place": record["place"]} | known
