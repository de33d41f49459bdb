"""Logged and registered models in the first pass."""

from collections.abc import Mapping
from itertools import chain

from registry.documents import plain
from registry.enums import LoggedModelStatus, ModelStage, ModelVersionStatus
from registry.exceptions import BadInputError, ConflictError, RegistryError
from registry.fields import HEX_ID
from registry.models import LoggedModel, RegisteredModel
from registry.services.logged_models import checked_logged_name, checked_model_params
from registry.services.model_aliases import checked_alias
from registry.services.model_tags import checked_tags
from registry.services.names import checked_key, checked_text
from registry.services.registered_models import checked_model_name

from .book import Book
from .experiments_again import is_barred
from .files import check_readable
from .models_again import with_new_versions
from .prepared import check_files
from .records import ImportedLoggedModel, ImportedModelVersion, ImportedRegisteredModel, Problem
from .refusing import is_twice, refuse

BIGGEST = 2**31 - 1
INT64 = 2**63
ELSEWHERE = "Rename one of them, or leave it."
NAMED = {
    "status": LoggedModelStatus.values,
    "version": ModelVersionStatus.values,
    "stage": ModelStage.values,
}


def examine_models(book: Book) -> None:
    """Refuse logged and registered models that can't be imported."""
    for model in chain(book.source.logged_models(), book.source.registered_models()):
        if isinstance(model, Problem):
            book.findings.add(model)
            continue
        kind = "logged_model" if isinstance(model, ImportedLoggedModel) else "registered_model"
        if is_twice(book, kind, model.source_id, model.place):
            continue
        try:
            if not book.is_done(kind, model.source_id):
                _examine(book, model)
            elif isinstance(model, ImportedRegisteredModel):
                _examine_again(book, model)
        except RegistryError as error:
            cure = ELSEWHERE if isinstance(error, ConflictError) else ""
            place = model.place or f"{kind.replace('_', ' ')} {model.name!r}"
            refuse(book, kind, model.source_id, place, error, cure=cure)


def _examine(book: Book, model: ImportedLoggedModel | ImportedRegisteredModel) -> None:
    if isinstance(model, ImportedRegisteredModel):
        check_registered(model)
        if RegisteredModel.objects.filter(name=model.name).exists():
            raise ConflictError(f"There is already a registered model named {model.name!r}.")
        return
    check_logged(model)
    check_readable(model.artifacts)
    if model.experiment_source_id not in book.seen["experiment"]:
        raise BadInputError(f"Its experiment {model.experiment_source_id[:100]!r} is not in the source.")
    if is_barred(book, model.experiment_source_id):
        raise BadInputError("Its experiment was refused.")
    if model.model_id and LoggedModel.objects.filter(model_id=model.model_id).exists():
        raise ConflictError(f"There is already a logged model with id {model.model_id}.")


def _examine_again(book: Book, model: ImportedRegisteredModel) -> None:
    if (new := with_new_versions(book, model)) is not None:
        check_registered(new)
        book.new_versions[model.source_id] = len(new.versions)


def check_logged(model: ImportedLoggedModel) -> None:
    """Refuse what can't be stored.

    Raises:
        BadInputError: something can't.
    """
    if model.model_id is not None and not HEX_ID.fullmatch(model.model_id):
        raise BadInputError(f"{model.model_id[:50]!r} is no id of 32 hexadecimal characters in lower case.")
    checked_logged_name(model.name)
    checked_text(model.model_type, what="The model's type", limit=500)
    checked_text(model.status_message, what="The status message", limit=1_000)
    _check_word(model.status, "status")
    checked_model_params(model.params)
    checked_tags(model.tags)
    check_files(model.artifacts)
    for score in model.scores:
        checked_key(score.key, what="The metric")
        checked_text(score.dataset_name, what="The dataset's name", limit=500)
        checked_text(score.dataset_digest, what="The digest", limit=64)
        if not all(-INT64 <= number < INT64 for number in (score.step, score.timestamp_ms)):
            raise BadInputError(f"The metric {score.key!r} has a step or timestamp beyond 64 bits.")


def check_registered(model: ImportedRegisteredModel) -> None:
    """Refuse what can't be stored.

    Raises:
        BadInputError: something can't.
    """
    checked_model_name(model.name)
    plain.check_text(model.description, where="The description")
    checked_tags(model.tags)
    numbers = [version.number for version in model.versions]
    if len(set(numbers)) < len(numbers):
        raise BadInputError("Two of its versions have the same number.")
    for version in model.versions:
        _check_version(version)
    _check_aliases(model.aliases, set(numbers))


def _check_version(version: ImportedModelVersion) -> None:
    if not 0 < version.number <= BIGGEST:
        raise BadInputError(f"{version.number} is no number of a version.")
    for what, text, limit in (
        ("The artifact's path", version.artifact_path, 500),
        ("The source", version.source, 1_000),
        ("The run's link", version.run_link, 500),
        ("The status message", version.status_message, 1_000),
    ):
        checked_text(text, what=what, limit=limit)
    plain.check_text(version.description, where="The description")
    _check_word(version.stage, "stage")
    _check_word(version.status, "version")
    checked_tags(version.tags)


def _check_aliases(aliases: Mapping[str, int], numbers: set[int]) -> None:
    for alias, number in aliases.items():
        checked_alias(alias)
        if number not in numbers:
            raise BadInputError(f"Its alias {alias!r} points at version {number}, which is not there.")


def _check_word(word: str, kind: str) -> None:
    if word not in NAMED[kind]:
        raise BadInputError(f"{word[:50]!r} is none of {', '.join(NAMED[kind])}.")
