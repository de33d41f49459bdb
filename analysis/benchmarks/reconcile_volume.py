"""Reconcile at volume: how long a look takes, and a repair, with and without drift."""

import datetime as dt
import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from features.online import leaderboards
from features.queries.standings import all_due_standings
from registry.artifacts import storage
from registry.documents.connection import collection
from registry.documents.run import bucket_id
from registry.documents.store import at_most
from registry.models import ReconcileReport, TrainingRun
from registry.postgres.deadlines import within
from registry.sync.bodies import checksum, read_bodies
from registry.sync.outbox import Part
from registry.sync.reconcile.drift import Terms
from registry.sync.reconcile.service import reconcile

from .run_rows import fill_runs

CHUNK = 2_000
RUNS_AN_ARTIFACT = 10
DRIFTED = 100
FILL_SECONDS = 3_600

COPY = """
COPY registry_bodypart (collection, document_id, part, owner_id, version, checksum, payload) FROM STDIN
"""
Row = tuple[str, str, str, str, int, int, bytes]


@dataclass(frozen=True)
class LookTime:
    """One reconcile: seconds in all, and what it found and mended."""

    look: str
    seconds: float
    found: int
    mended: int


def fill(*, runs: int) -> None:
    """Fill all stores: runs with two parts and a log of one part, artifacts of a tenth of them."""
    with within(FILL_SECONDS), connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        fill_runs(cursor, runs=runs, experiments=50, version=3, body_version=3)
        _fill_experiments()
        rows: Any = TrainingRun.objects.order_by("pk").values_list("pk", "run_id")
        for start in range(0, runs, CHUNK):
            _fill_bodies(list(rows[start : start + CHUNK]))
        leaderboards.put(all_due_standings().values())
        leaderboards.note_built()
        cursor.execute("VACUUM ANALYZE")


def measure_reconcile() -> Iterator[LookTime]:
    """Look, deep and not, with nothing wrong; then with drift, mended; then with every body lost."""
    yield _timed("nothing wrong")
    yield _timed("nothing wrong, deep", deep=True)
    _plant()
    yield _timed("drift")
    yield _timed("drift, deep", deep=True)
    yield _timed("drift, deep, repaired", deep=True, repair=True, terms=_at_once())
    yield _timed("after the repair", deep=True)
    with at_most(FILL_SECONDS):
        collection("runs").delete_many({})
    yield _timed("every run's body lost, repaired", repair=True)


def _timed(look: str, **named: Any) -> LookTime:
    began = time.perf_counter()
    with within(FILL_SECONDS):
        *_, report = reconcile(**named)
    if not isinstance(report, ReconcileReport):
        raise TypeError("Reconcile ends with its report.")
    return LookTime(look, time.perf_counter() - began, report.found, report.mended)


def _at_once() -> Terms:
    return Terms(orphans_older_than=dt.timedelta(0), at_most=10 * DRIFTED)


def _fill_experiments() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT experiment_id, name FROM registry_experiment")
        rows = [_row("experiments", key, version=1, body={"name": name}) for key, name in cursor.fetchall()]
    _copy(rows)


def _fill_bodies(runs: list[tuple[int, str]]) -> None:
    rows: list[Row] = []
    now = timezone.now()
    epochs = {str(epoch): {"at": now, "metrics": {"loss": 1 / epoch}} for epoch in range(1, 11)}
    for number, run_id in runs:
        params = {f"param_{key}": number / (key + 1) for key in range(20)}
        start = {"experiment_id": "e" * 32, "started_at": now, "name": f"run-{number}", "params": params}
        status = {"status": "FINISHED", "metrics": {"accuracy": 0.5}}
        log = {"run_id": run_id, "kind": "epoch", "bucket": 0, "entries": epochs}
        rows += [
            _row("runs", run_id, version=1, body=start),
            _row("runs", run_id, version=3, body=status),
            _row("run_logs", bucket_id(run_id, "epoch", 0), version=2, body=log),
        ]
    _copy(rows)
    _fill_artifacts(runs[::RUNS_AN_ARTIFACT])


def _row(name: str, document_id: str, *, version: int, body: dict[str, Any]) -> Row:
    part, payload = str(version), Part(str(version), body).packed()
    owner_id = document_id.partition(":")[0]
    return name, document_id, part, owner_id, version, checksum(part, version, payload), payload


def _copy(rows: list[Row]) -> None:
    """Into PostgreSQL, and what they make into MongoDB."""
    lines = ["\t".join(map(str, row[:-1])) + "\t\\\\x" + row[-1].hex() + "\n" for row in rows]
    with connection.cursor() as cursor:
        cursor.cursor.copy_expert(COPY, io.StringIO("".join(lines)))
    for bodies in read_bodies({(row[0], row[1]) for row in rows}):
        for name in {body.collection for body in bodies}:
            collection(name).insert_many([body.document for body in bodies if body.collection == name])


def _fill_artifacts(runs: list[tuple[int, str]]) -> None:
    for number, _ in runs:
        staged = storage.stage(io.BytesIO(str(number).encode()))
        storage.keep(staged)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO registry_artifact (run_id, path, size_bytes, sha256, media_type, created_at)"
                " VALUES (%s, 'file', %s, %s, 'text/plain', now())",
                [number, staged.size_bytes, staged.sha256],
            )


def _plant() -> None:
    """A hundred of each kind, spread over the ranges."""
    ids: list[Any] = list(TrainingRun.objects.order_by("run_id").values_list("run_id", flat=True))
    spread = ids[:: max(len(ids) // (6 * DRIFTED), 1)][: 6 * DRIFTED]
    changes: list[Callable[[str], object]] = [
        lambda each: collection("runs").delete_one({"_id": each}),
        lambda each: collection("runs").update_one({"_id": each}, {"$set": {"v": 1}}),
        lambda each: collection("runs").update_one({"_id": each}, {"$set": {"v": 9}}),
        lambda each: collection("runs").update_one({"_id": each}, {"$set": {"ck": 9}}),
        lambda each: collection("runs").update_one({"_id": each}, {"$set": {"params.param_1": -1}}),
        lambda each: leaderboards.remove([each]),
    ]
    for position, run_id in enumerate(spread):
        changes[position % len(changes)](run_id)
    head = {"v": 1, "ck": 1, "experiment_id": "e" * 32, "started_at": timezone.now()}
    orphans = [f"{number * 2:02x}" + "f" * 30 for number in range(DRIFTED)]
    collection("runs").insert_many([{"_id": each, "b": int(each[:2], 16), **head} for each in orphans])
