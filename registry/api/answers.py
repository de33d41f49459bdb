"""The record's rows as the API's JSON."""

import math
from typing import Any

from django.db import DatabaseError, InterfaceError
from django.http import JsonResponse

from registry.models import Artifact, Dataset, Experiment, ModelVersion, RegisteredModel, Saga, TrainingRun
from registry.queries.runs import RunSummary

Json = dict[str, Any]


def experiment_json(experiment: Experiment) -> Json:
    """An experiment."""
    return {
        "experiment_id": experiment.experiment_id,
        "name": experiment.name,
        "description": experiment.description,
        "lifecycle": experiment.lifecycle,
        "version": experiment.version,
        "created_at": experiment.created_at,
    }


def run_json(run: TrainingRun) -> Json:
    """A run's own columns."""
    return {
        "run_id": run.run_id,
        "experiment": run.experiment.name,
        "name": run.name,
        "model_name": run.model_name,
        "framework": run.framework,
        "dataset": run.dataset.name if run.dataset else None,
        "parent_run_id": run.parent.run_id if run.parent else None,
        "status": run.status,
        "lifecycle": run.lifecycle,
        "accuracy": number(run.accuracy),
        "loss": number(run.loss),
        "duration_seconds": run.duration_seconds,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "version": run.version,
    }


def details_json(summary: RunSummary) -> Json:
    """What a run gathered: params, latest metrics, tags."""
    return {
        "params": summary.params,
        "metrics": {key: number(value) for key, value in summary.metrics.items()},
        "tags": summary.tags,
    }


def dataset_json(dataset: Dataset) -> Json:
    """A dataset."""
    return {
        "name": dataset.name,
        "digest": dataset.digest,
        "row_count": dataset.row_count,
        "feature_count": dataset.feature_count,
        "source": dataset.source,
        "description": dataset.description,
        "version": dataset.version,
        "created_at": dataset.created_at,
    }


def artifact_json(artifact: Artifact) -> Json:
    """A file."""
    return {
        "path": artifact.path,
        "size_bytes": artifact.size_bytes,
        "sha256": artifact.sha256,
        "media_type": artifact.media_type,
    }


def model_json(model: RegisteredModel) -> Json:
    """A registered model."""
    return {"name": model.name, "description": model.description, "created_at": model.created_at}


def model_version_json(version: ModelVersion) -> Json:
    """A version of a registered model."""
    return {
        "model": version.model.name,
        "version": version.number,
        "stage": version.stage,
        "status": version.status,
        "source": version.source,
        "description": version.description,
        "created_at": version.created_at,
    }


def saga_json(saga: Saga) -> Json:
    """An operation of several steps, and how far it is."""
    steps = saga.steps.order_by("position").values("name", "state", "attempts")
    return {
        "saga_id": saga.saga_id,
        "kind": saga.kind,
        "subject": saga.aggregate_id,
        "state": saga.state,
        "steps": list(steps),
        "last_error": saga.last_error,
        "created_at": saga.created_at,
    }


def run_answer(run: TrainingRun, *, status: int = 200) -> JsonResponse:
    """A run that was written: its version as ETag, and whether MongoDB has it already."""
    headers = {"ETag": f'"{run.version}"', "X-Projection": _projection(run)}
    return JsonResponse({"run": run_json(run)}, status=status, headers=headers)


def experiment_answer(experiment: Experiment, *, status: int = 200) -> JsonResponse:
    """An experiment that was written."""
    headers = {"ETag": f'"{experiment.version}"', "X-Projection": _projection(experiment)}
    return JsonResponse({"experiment": experiment_json(experiment)}, status=status, headers=headers)


def number(value: float | None) -> float | str | None:
    """A number, with NaN and infinities as text: JSON has none of them."""
    if value is None or math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else f"{'-' if value < 0 else ''}Infinity"


def _projection(row: TrainingRun | Experiment) -> str:
    """``applied`` or ``pending``. The change is committed, so nothing here may fail the request."""
    try:
        rows = type(row)._default_manager.filter(pk=row.pk, body_version__gte=row.version)
        return "applied" if rows.exists() else "pending"
    except (DatabaseError, InterfaceError):
        return "pending"
