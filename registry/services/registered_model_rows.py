"""Finding and locking the rows of registered models, for the services that change them."""

from registry.exceptions import NotFoundError
from registry.models import ModelVersion, RegisteredModel
from registry.queries.model_versions import BIGGEST, no_version

from .names import checked_text


def lock_model(name: str) -> RegisteredModel:
    """The registered model, its row locked: its versions are changed one after another.

    Raises:
        NotFoundError: there is none.
    """
    checked_text(name, what="The model's name")
    model = RegisteredModel.objects.select_for_update(of=("self",)).filter(name=name).first()
    if model is None:
        raise NotFoundError(f"There is no registered model named {name!r}. Register it first.")
    return model


def find_version(model: RegisteredModel, number: int) -> ModelVersion:
    """A version of the model.

    Raises:
        NotFoundError: there is none.
    """
    is_number = 0 < number <= BIGGEST
    version = model.versions.filter(number=number).first() if is_number else None
    if version is None:
        raise no_version(model.name, number)
    return version


def touch(model: RegisteredModel) -> None:
    """Say that the model, or one of its versions, has changed just now."""
    model.save(update_fields=["updated_at"])
