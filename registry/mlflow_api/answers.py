"""Rows as MLflow's JSON. Whole numbers go out as numbers, as MLflow's server sends them."""

import datetime as dt
import math
from collections.abc import Iterable
from typing import Any

import orjson
from django.http import HttpResponse

from registry.enums import Lifecycle, RunStatus
from registry.models import Experiment, TrainingRun
from registry.queries.search.run_rows import RunRow

from . import ids

Json = dict[str, Any]


def answer(body: Json | bytes, *, status: int = 200) -> HttpResponse:
    """A JSON answer; bytes are JSON already."""
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    return HttpResponse(content, status=status, content_type="application/json")


def number(value: float) -> float | str:
    """A number, with NaN and infinities as text, as protobuf's JSON has them."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else f"{'-' if value < 0 else ''}Infinity"


def milliseconds(moment: dt.datetime | None) -> int | None:
    """Milliseconds since 1970, None for none."""
    return None if moment is None else round(moment.timestamp() * 1_000)


def without_none(fields: Json) -> Json:
    """The fields that have a value: protobuf leaves the others out."""
    return {key: value for key, value in fields.items() if value is not None}


def pairs(rows: Iterable[tuple[str, str]]) -> list[Json]:
    """Tags or params as ``[{"key": …, "value": …}]``."""
    return [{"key": key, "value": value} for key, value in rows]


def experiment_json(experiment: Experiment, tags: Iterable[tuple[str, str]] = ()) -> Json:
    """An experiment."""
    public_id = ids.experiment_id(experiment.experiment_id)
    return {
        "experiment_id": public_id,
        "name": experiment.name,
        "artifact_location": f"mlflow-artifacts:/{public_id}",
        "lifecycle_stage": lifecycle_stage(experiment.lifecycle),
        "creation_time": milliseconds(experiment.created_at),
        "last_update_time": milliseconds(experiment.updated_at),
        "tags": pairs(tags),
    }


def run_info_json(run: TrainingRun) -> Json:
    """What a run is, without what it logged; its experiment and creator are read."""
    return info_json(
        run_id=run.run_id,
        experiment_id=run.experiment.experiment_id,
        name=run.name,
        username=run.created_by.get_username() if run.created_by else "",
        status=run.status,
        started_ms=milliseconds(run.started_at),
        ended_ms=milliseconds(run.ended_at),
        lifecycle=run.lifecycle,
    )


def info_of(run: RunRow) -> Json:
    """The same of a run that a search found."""
    return info_json(
        run_id=run.run_id,
        experiment_id=run.experiment_id,
        name=run.name,
        username=run.username,
        status=run.status,
        started_ms=run.started_ms,
        ended_ms=run.ended_ms,
        lifecycle=run.lifecycle,
    )


def info_json(
    *,
    run_id: str,
    experiment_id: str,
    name: str,
    username: str,
    started_ms: int | None,
    status: str = RunStatus.RUNNING.value,
    ended_ms: int | None = None,
    lifecycle: str = Lifecycle.ACTIVE.value,
) -> Json:
    """MLflow's ``RunInfo``; ``experiment_id`` as our column has it."""
    public_id = ids.experiment_id(experiment_id)
    info = {
        "run_uuid": run_id,
        "run_id": run_id,
        "run_name": name,
        "experiment_id": public_id,
        "user_id": username,
        "status": status,
        "start_time": started_ms,
        "end_time": ended_ms,
        "artifact_uri": ids.run_artifact_uri(public_id, run_id),
        "lifecycle_stage": lifecycle_stage(lifecycle),
    }
    return without_none(info)


def lifecycle_stage(lifecycle: str) -> str:
    """MLflow's word: what is being purged is deleted there."""
    return "active" if lifecycle == Lifecycle.ACTIVE else "deleted"
