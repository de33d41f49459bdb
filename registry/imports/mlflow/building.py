"""Rows of MLflow's tables, or of its ``meta.yaml`` files, made into records.

Both stores give a row by the names of the database's columns; what they hold beside it comes as arguments.
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from registry.enums import ENDED_STATUSES
from registry.fields import HEX_ID
from registry.imports.records import (
    ImportedDataset,
    ImportedExperiment,
    ImportedFile,
    ImportedInput,
    ImportedLoggedModel,
    ImportedModelLink,
    ImportedModelScore,
    ImportedModelVersion,
    ImportedRegisteredModel,
    ImportedRun,
)
from registry.services.default_experiment import DEFAULT_ID, DEFAULT_KEPT_AS, NAMES
from registry.services.metric_samples import MetricSample

from . import values
from .values import Row

Tags = Mapping[str, str]
PARENT_TAG = "mlflow.parentRunId"
NAME_TAG = "mlflow.runName"
NOTE_TAG = "mlflow.note.content"
USUAL_WORKSPACE = "default"
DELETED_VERSION = "Deleted_Internal"
"""The stage of a version that MLflow has deleted."""
MODEL_ID = re.compile(r"m-([0-9a-f]{32})")
MODEL_FILES = re.compile(r"(?s)(?:models:/(m-[0-9a-f]{32})|.*/models/(m-[0-9a-f]{32})/artifacts)(?:/(.*))?")
RUN_FILES = re.compile(r"(?s)(?:runs:/([0-9a-f]{32})|.*/([0-9a-f]{32})/artifacts)(?:/(.*))?")
KEPT_OF_RUN = (
    "experiment_id", "artifact_uri", "user_id", "source_name", "source_version", "entry_point_name",
)  # fmt: skip


def experiment_record(row: Row, *, tags: Tags, place: str) -> ImportedExperiment:
    """An experiment; what MLflow's pages show as its description is a tag there and stays one."""
    source_id = values.text(row, "experiment_id")
    return ImportedExperiment(
        source_id=source_id,
        name=_in_workspace(row, values.text(row, "name")),
        description=tags.get(NOTE_TAG, ""),
        tags=tags,
        custom={"mlflow": {"experiment_id": source_id}},
        artifact_location=values.text(row, "artifact_location"),
        created_at=values.moment(row, "creation_time"),
        is_deleted=values.is_deleted(row),
        place=place,
        experiment_id=DEFAULT_KEPT_AS if is_default(row) else None,
    )


def is_default(row: Row) -> bool:
    """Whether it is the experiment that MLflow makes by itself, and nobody has renamed or deleted it."""
    found = row.get("name"), str(row.get("experiment_id")), values.is_deleted(row)
    return found == (NAMES[0], DEFAULT_ID, False)


def dataset_record(row: Row, *, source_id: str, place: str) -> ImportedDataset:
    """A dataset."""
    return ImportedDataset(
        source_id=source_id,
        name=values.text(row, "name"),
        digest=values.text(row, "digest"),
        source_type=values.text(row, "dataset_source_type"),
        source=values.text(row, "dataset_source"),
        schema=values.text(row, "dataset_schema"),
        profile=values.text(row, "dataset_profile"),
        place=place,
    )


def run_record(
    row: Row,
    *,
    params: Mapping[str, str],
    tags: Tags,
    metrics: Iterable[MetricSample],
    inputs: Sequence[ImportedInput],
    models: Sequence[ImportedModelLink],
    artifacts: Sequence[ImportedFile],
    place: str,
) -> ImportedRun:
    """A run; what has no place here, such as the name of its user there, is in its body."""
    run_id = values.text(row, "run_uuid")
    status = values.run_status(row)
    started_at, ended_at = values.moment(row, "start_time"), values.moment(row, "end_time")
    kept = {name: found for name in KEPT_OF_RUN if (found := values.text(row, name))}
    if ended_at is not None and (
        status not in ENDED_STATUSES or (started_at is not None and ended_at < started_at)
    ):
        kept["end_time"] = str(row["end_time"])  # a run can't end before it starts, nor while it goes on
        ended_at = None
    return ImportedRun(
        source_id=run_id,
        experiment_source_id=values.text(row, "experiment_id"),
        run_id=run_id if HEX_ID.fullmatch(run_id) else None,
        name=values.text(row, "name") or tags.get(NAME_TAG, ""),
        status=status,
        started_at=started_at,
        ended_at=ended_at,
        params=params,
        is_flat=True,
        tags=tags,
        metrics=metrics,
        inputs=inputs,
        models=models,
        artifacts=artifacts,
        parent_source_id=tags.get(PARENT_TAG, ""),
        custom={"mlflow": kept},
        is_deleted=values.is_deleted(row),
        place=place,
    )


def logged_model_record(
    row: Row,
    *,
    params: Mapping[str, str],
    tags: Tags,
    scores: Sequence[ImportedModelScore],
    artifacts: Sequence[ImportedFile],
    place: str,
) -> ImportedLoggedModel:
    """A logged model; the hexadecimal part of its id is kept."""
    source_id = values.text(row, "model_id")
    found = MODEL_ID.fullmatch(source_id)
    return ImportedLoggedModel(
        source_id=source_id,
        experiment_source_id=values.text(row, "experiment_id"),
        name=values.text(row, "name"),
        model_id=found[1] if found else None,
        run_source_id=values.text(row, "source_run_id"),
        model_type=values.text(row, "model_type"),
        status=values.model_status(row),
        status_message=values.text(row, "status_message"),
        params=params,
        tags=tags,
        scores=scores,
        artifacts=artifacts,
        created_at=values.moment(row, "creation_timestamp_ms"),
        is_deleted=values.is_deleted(row),
        place=place,
    )


def registered_model_record(
    row: Row,
    *,
    tags: Tags,
    versions: Sequence[ImportedModelVersion],
    aliases: Tags,
    place: str,
) -> ImportedRegisteredModel:
    """A registered model with its versions; an alias comes with the text of a version's number."""
    name = _in_workspace(row, values.text(row, "name"))
    return ImportedRegisteredModel(
        source_id=name,
        name=name,
        description=values.text(row, "description"),
        tags=tags,
        versions=versions,
        aliases={
            alias: values.whole(number.strip(), where=f"the alias {alias}")
            for alias, number in aliases.items()
        },
        created_at=values.moment(row, "creation_time"),
        place=place,
    )


def version_record(row: Row, *, tags: Tags) -> ImportedModelVersion:
    """A version; what it is made of is read from its source, or from where MLflow kept its files."""
    source = values.text(row, "source")
    storage = values.text(row, "storage_location")
    model, run, path = _made_of(source)
    if not model and not run:
        model, run, path = _made_of(storage)
    return ImportedModelVersion(
        number=values.whole(row.get("version"), where="version"),
        run_source_id=run or values.text(row, "run_id"),
        logged_model_source_id=model,
        artifact_path=path,
        source=_source_here(source, model, run, path),
        run_link=values.text(row, "run_link"),
        description=values.text(row, "description"),
        stage=values.text(row, "current_stage") or "None",
        status=values.text(row, "status") or "READY",
        status_message=values.text(row, "status_message"),
        tags=tags,
        created_at=values.moment(row, "creation_time"),
    )


def _made_of(source: str) -> tuple[str, str, str]:
    """Logged model, run and path; empty where the source names none of them."""
    plain = source.rstrip("/")
    if found := MODEL_FILES.fullmatch(plain):
        return found[1] or found[2], "", found[3] or ""
    if found := RUN_FILES.fullmatch(plain):
        return "", found[1] or found[2], found[3] or ""
    return "", "", ""


def _source_here(source: str, model: str, run: str, path: str) -> str:
    """The source as this platform names it: a path on the old machine means nothing here."""
    if model or run:
        start = f"models:/{model}" if model else f"runs:/{run}"
        return f"{start}/{path}" if path else start
    return source


def _in_workspace(row: Row, name: str) -> str:
    """Names are unique in a workspace there, and everywhere here."""
    workspace = values.text(row, "workspace")
    return name if workspace in ("", USUAL_WORKSPACE) else f"{name} ({workspace})"
