"""What tables a SQLite database has, and what they seem to mean."""

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from registry.imports.csv_runs.mapping import ALIASES, FIELDS

from .opening import quoted

SAMPLED = 1_000
ROLES = {
    "metrics": r"metric|histor|score|epoch|measure",
    "params": r"param|hyper|setting",
    "tags": r"tag|label",
    "datasets": r"dataset|data_set",
    "experiments": r"experiment|project|stud(y|ies)",
    "runs": r"run|trial|training|job",
}
OF_RUN = ("run_id", "run_uuid", "run", "trial_id", "training_id", "runid", "job_id")
KEYS, VALUES = ("key", "name", "metric", "param", "tag"), ("value", "val")
STEPS, TIMES = ("step", "epoch", "iteration"), ("timestamp", "ts", "time", "logged_at", "created_at", "at")


@dataclass(frozen=True)
class ColumnFound:
    """A column; ``stored`` are the types of what is in it, by SQLite's words, of the first thousand rows."""

    name: str
    declared: str
    is_key: bool
    stored: tuple[str, ...]
    is_json: bool = False


@dataclass(frozen=True)
class TableFound:
    """A table, with the tables that its columns point at."""

    name: str
    rows: int
    columns: tuple[ColumnFound, ...]
    references: Mapping[str, str]

    def column(self, *names: str) -> str:
        """The first of these columns that it has, whatever its case; empty for none."""
        there = {column.name.lower(): column.name for column in self.columns}
        return next((there[name] for name in names if name in there), "")


def tables_of(connection: sqlite3.Connection) -> list[TableFound]:
    """Its tables; views and virtual tables are none."""
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name")
    names = [
        name
        for name, sql in rows.fetchall()
        if isinstance(name, str) and not name.startswith("sqlite_") and "VIRTUAL" not in str(sql).upper()[:20]
    ]
    return [_table(connection, name) for name in names]


def proposed_mapping(tables: list[TableFound], *, stem: str) -> dict[str, Any]:
    """A mapping for people to edit; ``tables`` in it says what was found, and is not read again."""
    roles = _roles(tables)
    mapping: dict[str, Any] = {}
    for role in ("experiments", "datasets"):
        if role in roles:
            mapping[role] = _named(roles[role])
    if "runs" in roles:
        mapping["runs"] = _runs(roles["runs"])
    for role in ("params", "metrics", "tags"):
        if role in roles and (found := _of_runs(roles[role], role, roles)):
            mapping[role] = [found]
    return {**mapping, "experiment": stem, "times": "auto", "tables": [asdict(table) for table in tables]}


def _table(connection: sqlite3.Connection, name: str) -> TableFound:
    columns = connection.execute(f"PRAGMA table_info({quoted(name)})").fetchall()
    links = connection.execute(f"PRAGMA foreign_key_list({quoted(name)})").fetchall()
    count = connection.execute(f"SELECT count(*) FROM {quoted(name)}").fetchone()[0]  # noqa: S608 (quoted)
    found = tuple(
        ColumnFound(str(column), str(declared), bool(key), *_stored(connection, name, str(column)))
        for _, column, declared, _, _, key in columns
    )
    return TableFound(name, count, found, {str(link[3]): str(link[2]) for link in links})


def _stored(connection: sqlite3.Connection, table: str, column: str) -> tuple[tuple[str, ...], bool]:
    name = quoted(column)
    sql = f"SELECT {name}, typeof({name}) FROM {quoted(table)} LIMIT {SAMPLED}"  # noqa: S608 (quoted)
    rows = connection.execute(sql).fetchall()
    texts = [value for value, kind in rows if kind == "text"]
    is_json = bool(texts) and all(isinstance(text, str) and text[:1] in ("{", "[") for text in texts)
    return tuple(sorted({kind for _, kind in rows})), is_json


def _roles(tables: list[TableFound]) -> dict[str, TableFound]:
    """Which table is what: by its name; the fullest where several fit."""
    roles: dict[str, TableFound] = {}
    for table in sorted(tables, key=lambda each: -each.rows):
        fits = (role for role, words in ROLES.items() if re.search(words, table.name.lower()))
        role = next(fits, "")
        if role and role not in roles:
            roles[role] = table
    return roles


def _named(table: TableFound) -> dict[str, Any]:
    key = table.column("id", "uuid", f"{table.name.lower().removesuffix('s')}_id") or _key(table)
    name = table.column("name", "title", f"{table.name.lower().removesuffix('s')}_name") or key
    found = {"table": table.name, "id": key, "name": name}
    for field, names in (
        ("description", ("description", "notes")),
        ("digest", ("digest", "hash", "sha256", "checksum")),
        ("source", ("source", "path", "uri", "url")),
        ("created_at", ("created_at", "created", "creation_time")),
    ):
        if column := table.column(*names):
            found[field] = column
    if "datasets" in table.name.lower() or "dataset" in table.name.lower():
        found.pop("description", None)
        found.pop("created_at", None)
    else:
        found.pop("digest", None)
        found.pop("source", None)
    return found


def _key(table: TableFound) -> str:
    keys = [column.name for column in table.columns if column.is_key]
    return keys[0] if len(keys) == 1 else "rowid"


def _runs(table: TableFound) -> dict[str, Any]:
    found: dict[str, Any] = {
        "table": table.name,
        "id": table.column("id", "run_id", "run_uuid", "uuid") or _key(table),
    }
    params: dict[str, Any] = {}
    blobs: dict[str, str] = {}
    for column in table.columns:
        meaning = _meaning(table, column.name)
        if column.name == found["id"]:
            continue
        if meaning and meaning not in found:
            found[meaning] = column.name
        elif "blob" in column.stored:
            blobs[f"{column.name}.bin"] = column.name
        else:
            params[column.name] = _converted(column)
    return found | ({"params": params} if params else {}) | ({"artifacts": blobs} if blobs else {})


def _meaning(table: TableFound, column: str) -> str:
    plain = column.lower()
    points_at = table.references.get(column, "").lower()
    for field in ("experiment", "dataset"):
        if field in points_at or plain in (f"{field}_id", f"{field}_uuid"):
            return field
    return plain if plain in FIELDS else ALIASES.get(plain, "")


def _converted(column: ColumnFound) -> Any:
    declared = column.declared.upper()
    if declared.startswith("BOOL"):
        return {"column": column.name, "as": "bool"}
    return {"column": column.name, "as": "json"} if column.is_json or declared == "JSON" else column.name


def _of_runs(table: TableFound, role: str, roles: Mapping[str, TableFound]) -> dict[str, Any] | None:
    runs = roles.get("runs")
    links = [column for column, target in table.references.items() if runs and target == runs.name]
    run = links[0] if links else table.column(*OF_RUN)
    key, value = table.column(*KEYS), table.column(*VALUES)
    if not run:
        return None
    found: dict[str, Any] = {"table": table.name, "run": run}
    if role == "metrics":
        found |= {"step": table.column(*STEPS), "timestamp": table.column(*TIMES)}
    if key and value:
        found |= {"key": key, "value": value}
    elif role == "metrics":
        taken = {run, found["step"], found["timestamp"]}
        wide = [each.name for each in table.columns if each.name not in taken and not each.is_key]
        found["values"] = {name: name for name in wide}
    else:
        return None
    return {name: column for name, column in found.items() if column}
