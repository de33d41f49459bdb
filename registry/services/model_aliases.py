"""Aliases: movable names of one version, such as ``champion``."""

import re

from django.db import transaction

from registry.exceptions import BadInputError, StaleVersionError
from registry.models import ModelAlias, RegisteredModel
from registry.sync.audit import record

from .names import checked_name, checked_text
from .registered_model_rows import find_version, lock_model

ALIAS = re.compile(r"[\w-]+")
LATEST = "latest"
VERSION = re.compile(r"v\d+", re.IGNORECASE)


def set_alias(*, model: str, alias: str, version: int, replaces: int | None = None) -> ModelAlias:
    """Point an alias at a version; it is moved where it exists.

    Args:
        replaces: the version that the caller believes it points at, 0 for none; None believes nothing.

    Raises:
        NotFoundError: no such model or version.
        StaleVersionError: it points at another version than ``replaces`` by now.
        BadInputError: the alias is not made of letters, digits, ``_`` and ``-``, or is reserved.
    """
    checked_alias(alias)
    if alias.lower() == LATEST:
        raise BadInputError(f"'{LATEST}' alias name (case insensitive) is reserved.")
    if VERSION.fullmatch(alias):
        raise BadInputError(f"Version alias name {alias!r} is reserved.")
    with transaction.atomic():
        registered = lock_model(model)
        _require_unmoved(registered, alias, replaces)
        found, _ = ModelAlias.objects.update_or_create(
            model=registered, alias=alias, defaults={"version": find_version(registered, version)}
        )
        record(action="model.alias", subject_id=model, details={"alias": alias, "version": version})
    return found


def delete_alias(*, model: str, alias: str) -> bool:
    """Delete an alias; False where there was none."""
    checked_text(model, what="The model's name")
    checked_text(alias, what="The alias")
    with transaction.atomic():
        deleted, _ = ModelAlias.objects.filter(model__name=model, alias=alias).delete()
        if deleted:
            record(action="model.alias_delete", subject_id=model, details={"alias": alias})
    return bool(deleted)


def _require_unmoved(model: RegisteredModel, alias: str, replaces: int | None) -> None:
    if replaces is None:
        return
    number = model.aliases.filter(alias=alias).values_list("version__number", flat=True).first() or 0
    if number != replaces:
        now = f"points at version {number}" if number else "is not there"
        raise StaleVersionError(f"Meanwhile the alias {alias!r} {now}. Look again before you move it.")


def checked_alias(alias: str) -> str:
    """An alias as MLflow takes it; it may be a reserved one.

    Raises:
        BadInputError: it is not made of letters, digits, ``_`` and ``-``, or is too long.
    """
    if not ALIAS.fullmatch(alias):
        raise BadInputError(
            f"Invalid alias name: {alias[:255]!r}."
            " Names may only contain alphanumerics, underscores (_), and dashes (-)."
        )
    return checked_name(alias, what="The alias")
