"""The captured road: snapshot, single commits, transactions of 100 rows and of many, the decoder alone."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection

from analysis.benchmarks.environment import percentiles
from registry.documents.captured import CHECKPOINTS
from registry.documents.connection import collection
from registry.sync.capture.connection import replication_connection
from registry.sync.capture.decoder import Decoder
from registry.sync.capture.publication import publish, unpublish
from registry.sync.capture.slots import create_slot, drop_slot

from .processes import memory_mb, running

CONSUMER = "documents"
RUNS_SHARE = 20  # rows of params a run
SMALL = 100
WAIT_SECONDS = 300
FILL = """
INSERT INTO registry_experiment (experiment_id, name, description, lifecycle, artifact_location, version,
    body_version, created_at, updated_at)
SELECT md5('cdc'), 'captured', '', 'active', '', 1, 1, now(), now();
INSERT INTO registry_trainingrun (run_id, experiment_id, name, model_name, framework, status, lifecycle,
    accuracy, loss, duration_seconds, started_at, ended_at, failure_reason, version, body_version, body_bytes,
    created_at, updated_at)
SELECT md5('cdc' || n)::uuid, (SELECT id FROM registry_experiment WHERE name = 'captured'), 'run-' || n,
    'mlp', 'pytorch', 'FINISHED', 'active', random(), random(), 60, now() - interval '1 hour', now(), '', 3,
    3, 0, now(), now()
FROM generate_series(1, %(runs)s) n;
INSERT INTO registry_param (run_id, key, value, value_number)
SELECT r.id, 'param_' || k, (k * 0.001)::text, k * 0.001
FROM registry_trainingrun r CROSS JOIN generate_series(1, %(each)s) k;
"""
INSERT = """
INSERT INTO registry_param (run_id, key, value, value_number)
SELECT (SELECT min(id) FROM registry_trainingrun), %s || n, n::text, n FROM generate_series(1, %s) n
RETURNING id
"""


@dataclass(frozen=True)
class Rate:
    """Rows from one store until they can be read in the other."""

    work: str
    rows: int
    seconds: float
    rows_per_second: int


@dataclass(frozen=True)
class Lag:
    """From the commit's answer until the row, or the run, can be read in MongoDB: milliseconds."""

    work: str
    commits: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float


@dataclass(frozen=True)
class Memory:
    """The consumer's resident memory after the work, and at its highest until then."""

    after: str
    rss_mb: float
    highest_mb: float


def fill(rows: int) -> None:
    """An experiment whose runs have so many params together."""
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"runs": max(rows // RUNS_SHARE, 1), "each": RUNS_SHARE})
        cursor.execute("ANALYZE")


def measure_capture(*, rows: int, commits: int, log: Path) -> Iterator[Rate | Lag | Memory]:
    """Start a consumer on what :func:`fill` made, then commit to PostgreSQL and watch MongoDB."""
    with running("cdc", "run", "--consumer", CONSUMER, log=log) as pid:
        yield _snapshot()
        yield _memory("the snapshot", pid)
        yield _single_commits(commits)
        yield _small(rows)
        yield _memory(f"transactions of {SMALL} rows", pid)
        yield _large(rows)
        yield _memory(f"one transaction of {rows:,} rows", pid)


def measure_decoder(rows: int) -> Rate:
    """Messages of one transaction, recorded, then decoded: no server, no store."""
    messages = _recorded(rows)
    decoder = Decoder()
    began = time.perf_counter()
    found = [done for message in messages if (done := decoder.feed(message)) is not None]
    seconds = time.perf_counter() - began
    if sum(len(each.changes) for each in found) != rows:
        raise RuntimeError("The decoder did not give back what was recorded.")
    return _rate("the decoder alone", rows, seconds)


def watched(name: str, identity: Any) -> float:
    """Wait until a document is there; returns when that was, by ``time.perf_counter``."""
    return all_watched((name, identity))[0]


def all_watched(*wanted: tuple[str, Any]) -> list[float]:
    """As :func:`watched`, for several documents that come in any order."""
    found: dict[int, float] = {}
    until = time.perf_counter() + WAIT_SECONDS
    while len(found) < len(wanted):
        for place, (name, identity) in enumerate(wanted):
            if place not in found and collection(name).find_one({"_id": identity}, {"_id": 1}):
                found[place] = time.perf_counter()
        if time.perf_counter() > until:
            raise RuntimeError(f"Not all of {wanted} came within {WAIT_SECONDS} s.")
        time.sleep(0.0003)
    return [found[place] for place in range(len(wanted))]


def lag(work: str, milliseconds: list[float]) -> Lag:
    """The percentiles of a sample."""
    found = {name: round(value, 1) for name, value in percentiles(milliseconds).items()}
    return Lag(work, len(milliseconds), found["p50"], found["p95"], found["p99"], round(max(milliseconds), 1))


def _snapshot() -> Rate:
    until = time.monotonic() + WAIT_SECONDS
    while (found := collection(CHECKPOINTS).find_one({"_id": CONSUMER})) is None or found["lsn"] is None:
        if time.monotonic() > until:
            raise RuntimeError("The consumer did not finish its snapshot.")
        time.sleep(0.05)
    told = found["snapshot"]
    seconds = (told["ended_at"] - told["began_at"]).total_seconds()
    return _rate("snapshot", sum(told["rows"].values()), seconds)


def _single_commits(commits: int) -> Lag:
    milliseconds = []
    for number in range(commits):
        identity = _insert(f"single_{number}_", 1)
        began = time.perf_counter()
        milliseconds.append((watched("cdc_param", identity) - began) * 1_000)
    return lag("single commits, captured", milliseconds)


def _small(rows: int) -> Rate:
    """From before the first statement until the last row can be read."""
    began, last = time.perf_counter(), 0
    for number in range(rows // SMALL):
        last = _insert(f"small_{number}_", SMALL)
    return _rate(f"transactions of {SMALL} rows", rows, watched("cdc_param", last) - began)


def _large(rows: int) -> Rate:
    """Nothing of it is sent before its commit, so the time begins there."""
    last = _insert("large_", rows)
    began = time.perf_counter()
    work = f"one transaction of {rows:,} rows, from its commit"
    return _rate(work, rows, watched("cdc_param", last) - began)


def _insert(prefix: str, rows: int) -> int:
    """Commit params; returns the last one's key."""
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [prefix, rows])
        return int(cursor.fetchall()[-1][0])


def _rate(work: str, rows: int, seconds: float) -> Rate:
    return Rate(work, rows, round(seconds, 3), round(rows / seconds))


def _memory(after: str, pid: int) -> Memory:
    return Memory(after, *memory_mb(pid))


def _recorded(rows: int) -> list[bytes]:
    name, slot = "mlp_bench", "mlp_bench"
    publish(name, ["registry_param"])
    with create_slot(slot):
        pass
    try:
        _insert("recorded_", rows)
        return list(_messages(slot, name))
    finally:
        drop_slot(slot)
        unpublish(name)


def _messages(slot: str, publication: str) -> Iterator[bytes]:
    with replication_connection() as opened, opened.cursor() as cursor:
        options = {"proto_version": "1", "publication_names": publication}
        cursor.start_replication(slot_name=slot, options=options, decode=False)
        payload = b""
        while payload[:1] != b"C":
            message = cursor.read_message()
            if message is None:
                time.sleep(0.001)
                continue
            payload = message.payload
            yield payload
