"""What the other stores are owed when a run changes: one promise a kind of change."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from registry.documents.plain import encode_key
from registry.documents.run import BUCKET_SIZE, bucket_id
from registry.enums import Lifecycle, RunStatus
from registry.models import TrainingRun

from .outbox import Part, Promise, promise

MAX_PART = 64
Parts = dict[str, Any]
Leaves = dict[tuple[str, ...], Any]


def promise_start(*, run: TrainingRun, leaves: Leaves, tags: list[dict[str, str]], environment: Any) -> None:
    """The whole body of a new run."""
    fields = start_fields(run) | {"tags": tags, "environment": environment}
    _promise(run, Part("start", fields, param_leaves(leaves)), "run.start")


def start_promise(
    *,
    run_id: str,
    experiment_id: str,
    name: str,
    started_at: dt.datetime,
    parent_run_id: str | None,
    tags: list[dict[str, str]],
) -> Promise:
    """The body of a run that a statement creates as it promises it."""
    fields = {
        "experiment_id": experiment_id,
        "started_at": started_at,
        "name": name,
        "model_name": "",
        "framework": "",
        "parent_run_id": parent_run_id,
        "status": RunStatus.RUNNING.value,
        "tags": tags,
        "environment": {},
    }
    part = Part("start", {key: value for key, value in fields.items() if value is not None})
    return Promise("runs", run_id, run_id, 1, part, "run.start")


def start_fields(run: TrainingRun) -> Parts:
    """What a run's row says in its body; what it lacks is left out."""
    fields = {
        "experiment_id": run.experiment.experiment_id,
        "started_at": run.started_at,
        "name": run.name,
        "model_name": run.model_name,
        "framework": run.framework,
        "dataset": run.dataset.name if run.dataset else None,
        "parent_run_id": run.parent.run_id if run.parent else None,
        "status": run.status,
    }
    return {key: value for key, value in fields.items() if value is not None}


def promise_status(*, run: TrainingRun, metrics: dict[str, float]) -> None:
    """How the run stands, with its latest metrics."""
    _promise(run, Part("status", standing(run, metrics)), f"run.{run.status.lower()}", is_served=True)


def standing(run: TrainingRun, metrics: Mapping[str, float]) -> Parts:
    """Status, end and metrics, as a run's body has them."""
    encoded = {encode_key(key): value for key, value in metrics.items()}
    return {"status": run.status, "ended_at": run.ended_at, "metrics": encoded}


def promise_leaves(*, run: TrainingRun, leaves: Leaves) -> None:
    """Params that were not there before."""
    _promise(run, Part(f"params:{run.version}", {}, param_leaves(leaves)), "run.params")


def promise_tags(*, run: TrainingRun, tags: list[dict[str, str]]) -> None:
    """All tags as they are now, and the run's name, which one of them may be."""
    _promise(run, Part("tags", {"tags": tags, "name": run.name}), "run.tags")


def promise_inputs(*, run: TrainingRun, inputs: list[dict[str, str]]) -> None:
    """All that the run reads as it is now, and its own dataset, which may be one of them."""
    _promise(run, Part("inputs", input_fields(run, inputs)), "run.inputs")


def input_fields(run: TrainingRun, inputs: list[dict[str, str]]) -> Parts:
    """All that a run reads, as its body has it."""
    return {"inputs": inputs} | ({"dataset": run.dataset.name} if run.dataset else {})


def promise_parent(*, run: TrainingRun) -> None:
    """The run that it belongs to."""
    _promise(run, Part("parent", {"parent_run_id": run.parent and run.parent.run_id}), "")


def promise_custom(*, run: TrainingRun, custom: Parts) -> None:
    """Metadata that no schema foresaw, all of it as it is now."""
    _promise(run, Part("custom", {"custom": custom}), "run.custom")


def promise_model(*, run: TrainingRun, key: str, model: Parts) -> None:
    """What a model of the run tells of itself; ``key`` has at most 57 characters."""
    leaf = {"path": ["models", encode_key(key)], "value": model}
    _promise(run, Part(f"model:{key}"[:MAX_PART], {}, [leaf]), "run.model")


def promise_lifecycle(*, run: TrainingRun) -> None:
    """Whether the run is in the bin."""
    is_deleted = run.lifecycle == Lifecycle.DELETED
    action = "run.delete" if is_deleted else "run.restore"
    _promise(run, Part("lifecycle", {"deleted": is_deleted}), action, is_served=True)


def promise_log_entry(
    *, run: TrainingRun, kind: str, number: int, key: str, entry: Parts, is_audited: bool = True
) -> None:
    """One epoch, checkpoint or note, in the bucket that its number falls into.

    Delivered with the run's next change or by the relay, a hundred entries as one document.

    Args:
        is_audited: a note is told in the audit trail; not again where it is a copy.
    """
    bucket = max(number, 0) // BUCKET_SIZE
    part = Part(
        key,
        {"run_id": run.run_id, "kind": kind, "bucket": bucket},
        [{"path": ["entries", key], "value": entry}],
    )
    promise(
        collection="run_logs",
        document_id=bucket_id(run.run_id, kind, bucket),
        owner_id=run.run_id,
        version=run.version,
        part=part,
        action="run.note" if kind == "note" and is_audited else "",
        is_served=run.is_ended,
        is_urgent=kind == "note" or run.is_ended,
    )


def param_leaves(leaves: Mapping[tuple[str, ...], Any]) -> list[dict[str, Any]]:
    """Params, as a part has them."""
    return [{"path": ["params", *path], "value": value} for path, value in leaves.items()]


def _promise(run: TrainingRun, part: Part, action: str, *, is_served: bool = False) -> None:
    promise(
        collection="runs",
        document_id=run.run_id,
        owner_id=run.run_id,
        version=run.version,
        part=part,
        action=action,
        is_served=is_served or run.is_ended,
    )
