"""What the outbox can do to MongoDB: one function a topic, each safe to repeat in any order."""

from collections.abc import Callable
from typing import Any

from pymongo import UpdateOne

from registry.documents.guarded import set_entries, set_parts

RUN_SET = "runs.set"
RUN_LOG = "run_logs.set"
EXPERIMENT_SET = "experiments.set"

Payload = dict[str, Any]
Operation = tuple[str, UpdateOne]


def _set_run(aggregate_id: str, version: int, payload: Payload) -> Operation:
    return "runs", set_parts(doc_id=aggregate_id, version=version, **payload)


def _set_experiment(aggregate_id: str, version: int, payload: Payload) -> Operation:
    return "experiments", set_parts(doc_id=aggregate_id, version=version, **payload)


def _set_run_log(_aggregate_id: str, version: int, payload: Payload) -> Operation:
    return "run_logs", set_entries(
        doc_id=payload["bucket_id"], version=version, base=payload["base"], entries=payload["entries"]
    )


TOPICS: dict[str, Callable[[str, int, Payload], Operation]] = {
    RUN_SET: _set_run,
    RUN_LOG: _set_run_log,
    EXPERIMENT_SET: _set_experiment,
}
