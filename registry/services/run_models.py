"""What models tell of themselves (flavors, signature), kept in the body of the run that made them."""

import json
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from registry.documents import plain
from registry.exceptions import BadInputError
from registry.models import RunTag, TrainingRun
from registry.sync import run_body

from .run_rows import bump, lock_run
from .tags import current_tags, store_run_tags

HISTORY_TAG = "mlflow.log-model.history"
MANDATORY = ("artifact_path", "flavors", "run_id", "utc_time_created")
MAX_KEY = 57
MAX_HISTORY = 1_000_000


def log_run_model(*, run_id: str, model_json: str) -> None:
    """Record a model as MLflow's clients before 3.0 do: as a tag of the run, and in its body.

    Raises:
        NotFoundError, ConflictError: no such run, or it is in the bin.
        BadInputError: it is no description of a model.
    """
    model = _read(model_json)
    body = plain.encode(model, where="The model")
    with transaction.atomic():
        run = lock_run(run_id)
        history = RunTag.objects.filter(run=run, key=HISTORY_TAG).values_list("value", flat=True).first()
        text = json.dumps([*_listed(history or "[]"), model])
        if len(text) > MAX_HISTORY:
            raise BadInputError("The run has too many models in its history. Log them in other runs.")
        store_run_tags(run=run, tags={HISTORY_TAG: text})
        bump(run)
        run_body.promise_model(run=run, key=str(model["artifact_path"])[:MAX_KEY], model=body)
        run_body.promise_tags(run=run, tags=current_tags(run))


def describe_run_model(*, run: TrainingRun, key: str, model: Mapping[str, Any]) -> None:
    """Keep a model's description in the body of its run, which the caller has locked."""
    body = plain.encode(dict(model), where="The model")
    bump(run)
    run_body.promise_model(run=run, key=key, model=body)


def _read(model_json: str) -> dict[str, Any]:
    try:
        model = json.loads(model_json)
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"Malformed model info. \n {model_json[:500]} \n is not a valid JSON.") from error
    if not isinstance(model, dict):
        raise BadInputError("The model must be a JSON object.")
    if lacking := [name for name in MANDATORY if not model.get(name)]:
        raise BadInputError(f"Model json is missing mandatory fields: {set(lacking)}")
    return model


def _listed(text: str) -> list[Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return []
    return found if isinstance(found, list) else []
