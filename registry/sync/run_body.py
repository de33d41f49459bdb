"""What MongoDB is owed when a run changes: one promise a kind of change."""

from typing import Any

from registry.documents.plain import encode_key
from registry.documents.run import BUCKET_SIZE, bucket_id
from registry.enums import Lifecycle
from registry.models import TrainingRun

from .effects import RUN_LOG, RUN_SET
from .outbox import promise

Parts = dict[str, Any]
Leaves = dict[tuple[str, ...], Any]


def promise_start(*, run: TrainingRun, leaves: Leaves, tags: list[dict[str, str]], environment: Any) -> None:
    """The whole body of a new run."""
    parts = {
        "name": run.name,
        "model_name": run.model_name,
        "framework": run.framework,
        "dataset": run.dataset.name if run.dataset else None,
        "parent_run_id": run.parent.run_id if run.parent else None,
        "status": run.status,
        "tags": tags,
        "environment": environment,
    }
    _promise(run, {key: value for key, value in parts.items() if value is not None}, leaves)


def promise_status(*, run: TrainingRun, metrics: dict[str, float]) -> None:
    """How the run stands, with its latest metrics."""
    encoded = {encode_key(key): value for key, value in metrics.items()}
    _promise(run, {"status": run.status, "ended_at": run.ended_at, "metrics": encoded}, {})


def promise_leaves(*, run: TrainingRun, leaves: Leaves) -> None:
    """Params that were not there before."""
    _promise(run, {}, leaves)


def promise_tags(*, run: TrainingRun, tags: list[dict[str, str]]) -> None:
    """All tags as they are now."""
    _promise(run, {"tags": tags}, {})


def promise_custom(*, run: TrainingRun, custom: Parts) -> None:
    """Metadata that no schema foresaw, all of it as it is now."""
    _promise(run, {"custom": custom}, {})


def promise_lifecycle(*, run: TrainingRun) -> None:
    """Whether the run is in the bin."""
    _promise(run, {"deleted": run.lifecycle == Lifecycle.DELETED}, {})


def promise_log_entry(*, run: TrainingRun, kind: str, number: int, key: str, entry: Parts) -> None:
    """One epoch, checkpoint or note, in the bucket that its number falls into."""
    bucket = max(number, 0) // BUCKET_SIZE
    payload = {
        "bucket_id": bucket_id(run.run_id, kind, bucket),
        "base": {"run_id": run.run_id, "kind": kind, "bucket": bucket},
        "entries": {key: entry},
    }
    promise(topic=RUN_LOG, aggregate_id=run.run_id, version=run.version, payload=payload)


def _promise(run: TrainingRun, parts: Parts, leaves: Leaves) -> None:
    payload = {
        "base": {"experiment_id": run.experiment.experiment_id, "started_at": run.started_at},
        "parts": parts,
        "leaves": [{"path": list(path), "value": value} for path, value in leaves.items()],
    }
    promise(topic=RUN_SET, aggregate_id=run.run_id, version=run.version, payload=payload)
