"""Runs as Parquet files that agree with each other: one snapshot, one folder that appears whole."""

import datetime as dt
import json
import platform
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.db import connection, transaction
from django.utils import timezone

from registry.documents import plain
from registry.documents.extended_json import as_json
from registry.exceptions import BadInputError
from registry.filters import RUNS_TABLE, parse_filter
from registry.parquet.files import NewFile, new_file
from registry.parquet.folders import whole_folder, write_text
from registry.parquet.points import SCHEMA, Points, add_points
from registry.queries.archived_points import points_with_archived
from registry.queries.search.conditions import condition_sql
from registry.queries.search.operators import Arguments
from registry.queries.search.run_conditions import run_condition
from registry.sync.bodies import read_bodies

from .choosing import experiment_ids
from .export_tables import BODIES, TABLES, ExportTable
from .progress import Progress
from .reading import copy_points, metric_names, patient

SCHEMA_VERSION = 1
RUNS_AT_ONCE = 500
Writing = Generator[Progress, None, NewFile]
ROWS_AT_ONCE = 20_000
CHOSEN = """
CREATE TEMP TABLE exported_run ON COMMIT DROP AS
SELECT r.id, r.run_id FROM registry_trainingrun r JOIN registry_experiment e ON e.id = r.experiment_id
WHERE r.lifecycle = 'active' AND e.lifecycle = 'active' AND {narrowed};
CREATE INDEX ON exported_run (id);
ANALYZE exported_run;
"""
SNAPSHOT = "SELECT pg_current_snapshot()::text, current_setting('server_version'), count(*) FROM exported_run"
PAGE = """
SELECT id, replace(run_id::text, '-', '') FROM exported_run WHERE id > %s ORDER BY id LIMIT %s
"""


@dataclass(frozen=True)
class RunChoice:
    """Which active runs are exported; started from ``since`` on and before ``until``."""

    experiments: Sequence[str] = ()
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    where: str = ""


@dataclass(frozen=True)
class Export:
    """A finished export: its folder, and rows by file."""

    folder: Path
    row_counts: dict[str, int]


def export_runs(
    *, folder: Path, choice: RunChoice | None = None, with_bodies: bool = False
) -> Iterator[Progress | Export]:
    """Write runs and all that they logged into Parquet files, with a manifest.

    Memory stays bounded. Yields progress, then the export.

    Args:
        folder: is made; it must not exist.
        with_bodies: the documents too, as JSON, from the parts that PostgreSQL keeps.

    Raises:
        BadInputError: the folder exists, or the filter is wrong.
        NotFoundError: there is no such experiment.
        ArtifactError: the disk refused; nothing is left.
        StoreUnavailableError: points lie in an archive whose file is missing.
    """
    choice = choice or RunChoice()
    if folder.exists():
        raise BadInputError(f"{folder} exists already. Name a folder that does not.")
    files: dict[str, NewFile] = {}
    with whole_folder(folder) as unfinished, transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with patient():
            _choose(choice)
            manifest = _manifest(choice)
            for table in TABLES:
                files[table.name] = yield from _write_table(unfinished, table)
            files["metric_points"] = yield from _write(unfinished, "metric_points", SCHEMA, _fill_points)
            if with_bodies:
                files["bodies"] = yield from _write(unfinished, "bodies", BODIES, _fill_bodies)
            write_text(unfinished / "manifest.json", _told(manifest, files))
    yield Export(folder, {name: file.row_count for name, file in files.items()})


def _choose(choice: RunChoice) -> None:
    arguments = Arguments()
    node = parse_filter(choice.where, RUNS_TABLE) if choice.where else None
    parts = [condition_sql(node, run_condition, arguments)]
    ids = experiment_ids(choice.experiments)
    if ids is not None:
        parts.append(f"r.experiment_id = ANY({arguments.add(ids)}::int8[])")
    for moment, sign in ((choice.since, ">="), (choice.until, "<")):
        if moment is not None:
            parts.append(f"r.started_at {sign} {arguments.add(moment)}")
    with connection.cursor() as cursor:
        cursor.execute(CHOSEN.format(narrowed=" AND ".join(f"({part})" for part in parts)), arguments)


def _write_table(folder: Path, table: ExportTable) -> Writing:
    def fill(file: NewFile) -> Iterator[int]:
        with connection.chunked_cursor() as cursor:
            cursor.execute(table.statement)
            while rows := cursor.fetchmany(ROWS_AT_ONCE):
                file.add(_columns(zip(*rows, strict=True), table.schema))
                yield file.row_count

    return (yield from _write(folder, table.name, table.schema, fill))


def _write(folder: Path, name: str, schema: Any, fill: Callable[[NewFile], Iterator[int]]) -> Writing:
    with new_file(folder / f"{name}.parquet", schema) as file:
        for done in fill(file):
            yield Progress(name, done)
    return file


def _fill_points(file: NewFile) -> Iterator[int]:
    """Archived points too, from their files."""
    for runs in _run_batches():
        keys = [key for key, _ in runs]
        names = metric_names(keys)

        def take(points: Points, names: dict[int, tuple[str, str]] = names) -> None:
            add_points(file, points, names)

        with points_with_archived(keys) as points:
            copy_points(keys, take, points=points)
        yield file.row_count


def _fill_bodies(file: NewFile) -> Iterator[int]:
    for runs in _run_batches():
        for bodies in read_bodies(("runs", run_id) for _, run_id in runs):
            rows = [(each.document_id, each.version, as_json(plain.decode(each.content))) for each in bodies]
            file.add(_columns(zip(*rows, strict=True), BODIES))
            yield file.row_count


def _columns(cells: Iterable[Sequence[Any]], schema: Any) -> list[Any]:
    return [pa.array(each, type=of) for each, of in zip(cells, schema.types, strict=True)]


def _run_batches() -> Iterator[list[tuple[int, str]]]:
    after = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(PAGE, [after, RUNS_AT_ONCE])
            page: list[tuple[int, str]] = cursor.fetchall()
        if not page:
            return
        yield page
        after = page[-1][0]


def _manifest(choice: RunChoice) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(SNAPSHOT)
        snapshot, server, runs = cursor.fetchone()
    return {
        "schema_version": SCHEMA_VERSION,
        "made_at": timezone.now().isoformat(),
        "snapshot": snapshot,
        "runs": runs,
        "filter": {
            "experiments": list(choice.experiments),
            "since": choice.since.isoformat() if choice.since else None,
            "until": choice.until.isoformat() if choice.until else None,
            "where": choice.where,
        },
        "versions": {"postgresql": server, "pyarrow": pa.__version__, "python": platform.python_version()},
    }


def _told(manifest: dict[str, Any], files: dict[str, NewFile]) -> str:
    told = {
        file.path.name: {
            "rows": file.row_count,
            "bytes": file.byte_count,
            "sha256": file.sha256,
            "columns": {field.name: str(field.type) for field in file.schema},
        }
        for file in files.values()
    }
    return json.dumps(manifest | {"files": told}, indent=2, ensure_ascii=False) + "\n"
