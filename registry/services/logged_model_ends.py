"""Finishing logged models: from then on their run's body tells what they are."""

import logging
from typing import Any

from django.db import transaction

from registry.artifacts import storage
from registry.artifacts.mlmodel import FILE_NAME, read_mlmodel
from registry.artifacts.plain_yaml import MAX_BYTES
from registry.enums import Lifecycle, LoggedModelStatus
from registry.exceptions import ArtifactError, BadInputError
from registry.models import Artifact, LoggedModel, TrainingRun
from registry.sync.audit import record

from .logged_model_rows import lock_logged_model
from .run_models import describe_run_model
from .run_rows import lock_run

logger = logging.getLogger(__name__)
NOT_DESCRIBED = "The logged model %s is not described in its run's body: %s"


def finalize_logged_model(*, model_id: str, status: str) -> LoggedModel:
    """Say whether a logged model's files are there; its flavors and signature go into its run's body.

    Args:
        model_id: 32 hexadecimal characters.

    Raises:
        NotFoundError: there is no such model.
    """
    told = _told(model_id) if status == LoggedModelStatus.READY else {}
    with transaction.atomic():
        # the run before the model, as everyone locks them
        source = TrainingRun.objects.filter(logged_models__model_id=model_id).first()
        run = lock_run(source.run_id, even_deleted=True) if source else None
        model = lock_logged_model(model_id)
        model.status = LoggedModelStatus(status)
        model.save(update_fields=["status", "updated_at"])
        if told and run is not None and run.lifecycle == Lifecycle.ACTIVE:
            facts = {"name": model.name, "model_type": model.model_type, "status": model.status}
            _describe(run, f"m-{model_id}", facts | told)
        record(action=f"logged_model.{status.lower()}", subject_id=model_id)
    return model


def _describe(run: TrainingRun, key: str, model: dict[str, Any]) -> None:
    try:
        with transaction.atomic():
            describe_run_model(run=run, key=key, model=model)
    except BadInputError as error:
        logger.warning(NOT_DESCRIBED, key, error)


def _told(model_id: str) -> dict[str, Any]:
    """What the model's own file says; a file that can't be read spoils nothing."""
    rows = Artifact.objects.filter(logged_model__model_id=model_id, path=FILE_NAME)
    file = rows.filter(size_bytes__lte=MAX_BYTES).first()
    if file is None:
        return {}
    try:
        return read_mlmodel(b"".join(storage.read(file.sha256, size_bytes=file.size_bytes)))
    except (ArtifactError, BadInputError) as error:
        logger.warning(NOT_DESCRIBED, f"m-{model_id}", error)
        return {}
