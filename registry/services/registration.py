"""Registering a whole training run at once: record, metrics, files and end, as one operation.

A saga: ``record`` (row, params, tags, metrics and body, with everything else that is to be done),
``files`` (each staged file takes its place; there is no way back), ``end`` (the run's status) and
``deliver`` (MongoDB and Redis have followed). Where the files can't be kept, the run is taken back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from registry.artifacts import storage
from registry.artifacts.paths import checked_path
from registry.enums import ENDED_STATUSES, RunStatus
from registry.exceptions import BadInputError, ConflictError
from registry.models import IdempotencyKey, Saga, TrainingRun
from registry.sync import saga_engine
from registry.sync.delivery import require_delivered
from registry.sync.purge_rows import purge_runs
from registry.sync.saga_kinds import SagaKind, Step, declare

from .artifacts import keep_artifact, stage_content
from .idempotency import make_once
from .metric_samples import MetricSample
from .metrics import log_metrics
from .run_rows import find_run, lock_run
from .runs import end_run, start_run

Content = bytes | Path | BinaryIO


def register_training_run(
    *,
    experiment: str,
    metrics: Mapping[str, float] | None = None,
    artifacts: Mapping[str, Content] | None = None,
    status: str = RunStatus.FINISHED,
    user: User | None = None,
    idempotency_key: str | None = None,
    **details: Any,
) -> TrainingRun:
    """Register a run that is over, with its metrics and files, in all stores.

    Args:
        metrics: values at step 0.
        artifacts: path → bytes, a file's path, or an open binary file.
        status: how the run ended.
        details: the others of :func:`registry.services.runs.start_run`.

    Raises:
        BadInputError, NotFoundError, ConflictError: as the services of each part.
        ArtifactError: a file could not be stored; nothing of the run is kept.
    """
    if status not in ENDED_STATUSES:
        raise BadInputError(f"A run can't end as {status!r}; use one of {', '.join(ENDED_STATUSES)}.")
    staged = _stage(artifacts or {})
    request = {"experiment": experiment, "metrics": metrics, "status": status, "details": details}
    files = [{"path": path, **asdict(file)} for path, file in staged.items()]
    digests = [[file["path"], file["sha256"]] for file in files]
    saga_id = ""

    def make() -> tuple[str, TrainingRun]:
        nonlocal saga_id
        run = start_run(experiment=experiment, user=user, **details)
        _log_last(run.run_id, metrics)
        data = {"files": files, "status": status, "key": idempotency_key}
        saga = saga_engine.begin(REGISTER, aggregate_id=run.run_id, data=data, user=user)
        saga_id = saga.saga_id
        return run.run_id, run

    try:
        run = make_once(
            operation="run.register",
            key=idempotency_key,
            request={**request, "artifacts": digests},
            make=make,
            find=find_run,
        )
    except BaseException:
        _discard(staged.values())
        raise
    if saga_id:
        saga_engine.advance(saga_id)
    else:
        _discard(staged.values())
    return find_run(run.run_id)


def finish_run(*, run_id: str, metrics: Mapping[str, float] | None = None, **details: Any) -> TrainingRun:
    """Log a run's last metrics and end it, all or nothing; ``details`` are those of ``end_run``."""
    with transaction.atomic():
        _log_last(run_id, metrics)
        return end_run(run_id=run_id, **details)


def _log_last(run_id: str, metrics: Mapping[str, float] | None) -> None:
    now = int(timezone.now().timestamp() * 1_000)
    points = [MetricSample(key, value, 0, now) for key, value in (metrics or {}).items()]
    log_metrics(run_id=run_id, points=points)


def _stage(artifacts: Mapping[str, Content]) -> dict[str, storage.StagedFile]:
    for path in artifacts:
        checked_path(path)
    staged: dict[str, storage.StagedFile] = {}
    try:
        for path, content in artifacts.items():
            staged[path] = stage_content(content)
    except BaseException:
        _discard(staged.values())
        raise
    return staged


def _discard(files: Any) -> None:
    for file in files:
        storage.discard(file)


def _staged(saga: Saga) -> Sequence[tuple[str, storage.StagedFile]]:
    return [
        (file["path"], storage.StagedFile(file["name"], file["sha256"], file["size_bytes"]))
        for file in saga.data["files"]
    ]


def _take_back(saga: Saga) -> None:
    """Nothing of the run is kept, and its idempotency key is free again."""
    run = lock_run(saga.aggregate_id, even_deleted=True)
    purge_runs([run])
    _discard(file for _, file in _staged(saga))
    IdempotencyKey.objects.filter(key=saga.data["key"], response={"id": saga.aggregate_id}).delete()


def _keep_files(saga: Saga) -> None:
    run = lock_run(saga.aggregate_id, even_deleted=True)
    for path, file in _staged(saga):
        keep_artifact(owner=run, path=path, staged=file)


def _end(saga: Saga) -> None:
    try:
        end_run(run_id=saga.aggregate_id, status=saga.data["status"])
    except ConflictError:
        # Somebody ended or deleted it meanwhile; that is how it stands, then.
        return


def _delivered(saga: Saga) -> None:
    require_delivered(saga.aggregate_id, otherwise="MongoDB or Redis has not followed yet.")


RECORD = Step("record", undo=_take_back)  # done by the transaction that begins the saga
REGISTER = declare(
    SagaKind(
        "run.register",
        (RECORD, Step("files", _keep_files), Step("end", _end), Step("deliver", check=_delivered)),
        pivot="files",
    )
)
