"""Registered models, their versions and logged models as MLflow's JSON."""

from registry.queries.logged_models import LoggedModelRow
from registry.queries.model_versions import VersionRow
from registry.queries.registered_models import RegisteredModelRow

from . import ids
from .answers import Json, milliseconds, pairs, without_none

STATUSES = {
    "PENDING": "LOGGED_MODEL_PENDING",
    "READY": "LOGGED_MODEL_READY",
    "FAILED": "LOGGED_MODEL_UPLOAD_FAILED",
}
"""Our word for a logged model's status → MLflow's."""


def registered_model_json(model: RegisteredModelRow) -> Json:
    """A registered model; its latest versions come without aliases, as MLflow has it."""
    fields = {
        "name": model.name,
        "creation_timestamp": milliseconds(model.created_at),
        "last_updated_timestamp": milliseconds(model.updated_at),
        "description": model.description or None,
        "latest_versions": [_version(each) for each in model.latest] or None,
        "tags": pairs(model.tags) or None,
        "aliases": [{"alias": alias, "version": str(number)} for alias, number in model.aliases] or None,
    }
    return without_none(fields)


def version_json(version: VersionRow) -> Json:
    """A version with its aliases."""
    return _version(version) | ({"aliases": version.aliases} if version.aliases else {})


def download_uri(version: VersionRow) -> str:
    """Where the client finds the version's files."""
    path = f"/{version.artifact_path}" if version.artifact_path else ""
    public_id = ids.experiment_id(version.experiment_id)
    if version.model_id:
        return ids.model_artifact_uri(public_id, version.model_id) + path
    if version.run_id and version.source.startswith("runs:"):
        return f"runs:/{version.run_id}{path}"
    return ids.run_artifact_uri(public_id, version.run_id) + path if version.run_id else version.source


def logged_model_json(model: LoggedModelRow) -> Json:
    """A logged model."""
    public_id = ids.experiment_id(model.experiment_id)
    model_id = ids.model_id(model.model_id)
    info = {
        "model_id": model_id,
        "experiment_id": public_id,
        "name": model.name,
        "creation_timestamp_ms": milliseconds(model.created_at),
        "last_updated_timestamp_ms": milliseconds(model.updated_at),
        "artifact_uri": ids.model_artifact_uri(public_id, model.model_id),
        "status": STATUSES[model.status],
        "status_message": model.status_message or None,
        "model_type": model.model_type,
        "source_run_id": model.source_run_id,
        "tags": pairs(model.tags) or None,
    }
    metrics = [without_none(each) | {"model_id": model_id} for each in model.metrics]
    data = {"params": pairs(model.params) or None, "metrics": metrics or None}
    return {"info": without_none(info), "data": without_none(data)}


def _version(version: VersionRow) -> Json:
    fields = {
        "name": version.name,
        "version": str(version.number),
        "creation_timestamp": milliseconds(version.created_at),
        "last_updated_timestamp": milliseconds(version.updated_at),
        "current_stage": version.stage,
        "description": version.description,
        "source": version.source,
        "run_id": version.run_id,
        "status": version.status,
        "status_message": version.status_message or None,
        "run_link": version.run_link,
        "tags": pairs(version.tags) or None,
    }
    return without_none(fields)
