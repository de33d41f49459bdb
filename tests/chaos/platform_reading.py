"""The platform's records as the checker wants them: rows and body parts, documents, cached answers."""

import json
from collections import defaultdict
from typing import Any

import bson
import redis

from tests.private_stack import PrivateStack

from .checker import Record
from .reading import mongodb, postgres, rows

RUNS = """
SELECT replace(r.run_id::text, '-', ''), r.name, r.status, r.accuracy, r.lifecycle = 'deleted',
    (SELECT value FROM registry_runtag t WHERE t.run_id = r.id AND t.key = 'stage')
FROM registry_trainingrun r JOIN registry_experiment e ON e.id = r.experiment_id WHERE e.name = %s
"""
PARTS = """
SELECT p.owner_id, p.collection, p.part, p.version, p.payload FROM registry_bodypart p
JOIN registry_trainingrun r ON replace(r.run_id::text, '-', '') = p.owner_id
JOIN registry_experiment e ON e.id = r.experiment_id
WHERE e.name = %s AND p.collection IN ('runs', 'run_logs')
"""
STANDING = """
SELECT replace(r.run_id::text, '-', ''), r.accuracy FROM registry_trainingrun r
JOIN registry_dataset d ON d.id = r.dataset_id
WHERE d.name = %s AND r.status = 'FINISHED' AND r.lifecycle = 'active' AND r.accuracy IS NOT NULL
"""
VERSIONS = """
SELECT replace(r.run_id::text, '-', ''), r.version FROM registry_trainingrun r
JOIN registry_experiment e ON e.id = r.experiment_id WHERE e.name = %s
"""
OWED = """
SELECT count(*) FILTER (WHERE o.status = 0), count(*) FILTER (WHERE o.status <> 0)
FROM registry_outboxentry o LEFT JOIN registry_trainingrun r
    ON o.aggregate_id = replace(r.run_id::text, '-', '')
LEFT JOIN registry_experiment e ON e.id = r.experiment_id OR e.experiment_id = o.aggregate_id
WHERE e.name = %s
"""


def rows_of(stack: PrivateStack, experiment: str) -> list[Record]:
    """PostgreSQL's side: columns, tags, and the parts that bodies are made of."""
    steps: dict[str, Any] = {}
    versions: dict[str, int] = defaultdict(int)
    notes: dict[str, list[str]] = defaultdict(list)
    for run_id, collection, part, version, payload in rows(stack, PARTS, experiment):
        content = bson.decode(payload)
        if collection == "run_logs":
            notes[run_id].append(content["leaves"][0]["value"]["text"])
        else:
            versions[run_id] = max(versions[run_id], version)
            steps |= {run_id: content["set"]["custom"]["step"]} if part == "custom" else {}
    return [
        Record(
            run_id,
            name,
            {
                "status": status, "accuracy": accuracy, "deleted": is_deleted, "stage": stage,
                "step": steps.get(run_id), "version": versions[run_id],
            },
            tuple(notes[run_id]),
        )
        for run_id, name, status, accuracy, is_deleted, stage in rows(stack, RUNS, experiment)
    ]  # fmt: skip


def documents_of(stack: PrivateStack, experiment: str, mongodb_url: str) -> list[Record]:
    """MongoDB's side: bodies and the log's buckets."""
    notes: dict[str, list[str]] = defaultdict(list)
    with mongodb(mongodb_url) as database:
        # by MongoDB's own word: PostgreSQL may have lost or purged the experiment
        known_as = database["experiments"].find_one({"name": experiment}) or {}
        experiment_id = known_as.get("_id")
        bodies = list(database["runs"].find({"experiment_id": experiment_id, "purged_at": None}))
        known = {"run_id": {"$in": [body["_id"] for body in bodies]}, "kind": "note"}
        for bucket in database["run_logs"].find(known):
            notes[bucket["run_id"]] += [entry["text"] for entry in bucket["entries"].values()]
    return [Record(body["_id"], body["name"], _fields(body), tuple(notes[body["_id"]])) for body in bodies]


def owed(stack: PrivateStack, experiment: str) -> tuple[int, int]:
    """Effects of an experiment and its runs that wait, and that are parked."""
    ((waiting, parked),) = rows(stack, OWED, experiment)
    return waiting, parked


def _fields(body: dict[str, Any]) -> dict[str, Any]:
    tags = {tag["k"]: tag["v"] for tag in body.get("tags", [])}
    return {
        "status": body["status"], "accuracy": body.get("metrics", {}).get("accuracy"),
        "deleted": body.get("deleted", False), "stage": tags.get("stage"),
        "step": body.get("custom", {}).get("step"), "version": body["v"],
    }  # fmt: skip


def make_due(stack: PrivateStack) -> None:
    """No waiting for the pauses between attempts."""
    with postgres(stack) as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE registry_outboxentry SET next_at = now() WHERE status = 0")
        cursor.execute("UPDATE registry_saga SET next_at = now()")


def misplaced(stack: PrivateStack, dataset: str) -> int:
    """Places where Redis' leaderboard of a dataset and SQL disagree."""
    with redis.Redis.from_url(stack.url("REDIS_STORE_URL")) as store:
        boards = list(store.scan_iter(f"*{{board}}:accuracy:{dataset}"))
        board = {member.decode(): score for key in boards for member, score in store.zscan_iter(key)}
    return len(set(board.items()) ^ set(rows(stack, STANDING, dataset)))


def cached_versions(stack: PrivateStack) -> dict[str, int]:
    """The version of each run whose record the cache holds."""
    found = {}
    with redis.Redis.from_url(stack.url("REDIS_CACHE_URL"), decode_responses=True) as cache:
        for key in cache.scan_iter("*:run-info:*"):
            text = cache.get(key)
            if text is not None and not key.endswith(":lease"):
                record = json.loads(text)
                found[record["run_id"]] = record["version"]
    return found


def stale(stack: PrivateStack, experiment: str, cached: dict[str, int]) -> list[str]:
    """Cached records that PostgreSQL contradicts."""
    versions = dict(rows(stack, VERSIONS, experiment))
    return [
        f"{run_id}: cached at {cached[run_id]}, recorded at {version}"
        for run_id, version in versions.items()
        if cached.get(run_id, version) != version
    ]
