"""Finding, locking and tagging the rows of logged models, for the services that change them."""

import json
from collections.abc import Mapping

from registry.enums import Lifecycle
from registry.exceptions import NotFoundError
from registry.fields import HEX_ID
from registry.models import LoggedModel, LoggedModelTag

VERSIONS_TAG = "mlflow.modelVersions"


def lock_logged_model(model_id: str, *, even_deleted: bool = False) -> LoggedModel:
    """The logged model, its row locked until the transaction ends.

    Args:
        model_id: 32 hexadecimal characters.

    Raises:
        NotFoundError: there is none, or it is in the bin.
    """
    rows = LoggedModel.objects.select_for_update(of=("self",)).select_related("experiment", "source_run")
    model = rows.filter(model_id=model_id).first() if HEX_ID.fullmatch(model_id) else None
    if model is None or (model.lifecycle != Lifecycle.ACTIVE and not even_deleted):
        raise NotFoundError(f"Logged model with ID 'm-{model_id[:100]}' not found.")
    return model


def store_logged_model_tags(model: LoggedModel, tags: Mapping[str, str]) -> None:
    """Upsert tags inside the caller's transaction, in one statement."""
    rows = [LoggedModelTag(model=model, key=key, value=value) for key, value in tags.items()]
    LoggedModelTag.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["model", "key"], update_fields=["value"]
    )


def note_version(model: LoggedModel, *, name: str, number: int) -> None:
    """Tag a logged model, which the caller has locked, with a version that was made of it, as MLflow does."""
    found = LoggedModelTag.objects.filter(model=model, key=VERSIONS_TAG).values_list("value", flat=True)
    versions = _listed(found.first() or "[]")
    mine = {"name": name, "version": number}
    if mine not in versions:
        store_logged_model_tags(model, {VERSIONS_TAG: json.dumps([*versions, mine])})


def _listed(text: str) -> list[object]:
    """The tag's list; what anyone else wrote there is replaced."""
    try:
        found = json.loads(text)
    except ValueError:
        return []
    return found if isinstance(found, list) else []
