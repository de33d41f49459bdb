"""Registered models with their tags, aliases and latest versions: two statements, however many."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import connection

from registry.exceptions import NotFoundError
from registry.models import ExperimentPermission, RegisteredModel

from .model_versions import JOINS, VersionRow, latest_version_rows
from .permission_sql import permission_sql

READ = ExperimentPermission.Level.READ

SELECT = f"""
SELECT n.id, n.name, n.description, n.created_at, n.updated_at,
(SELECT coalesce(json_agg(json_build_array(t.key, t.value) ORDER BY t.key), '[]')
 FROM registry_registeredmodeltag t WHERE t.model_id = n.id),
(SELECT coalesce(json_agg(json_build_array(a.alias, v.number) ORDER BY a.alias), '[]')
 FROM registry_modelalias a JOIN ({JOINS}) ON v.id = a.version_id WHERE a.model_id = n.id AND {{may}})
FROM registry_registeredmodel n WHERE n.id = ANY(%(ids)s)
"""  # noqa: S608 (made of constants)


class RegisteredModelRow(NamedTuple):
    """A registered model; aliases and latest versions are those that the user may know of."""

    id: int
    name: str
    description: str
    created_at: dt.datetime
    updated_at: dt.datetime
    tags: list[tuple[str, str]]
    aliases: list[tuple[str, int]]
    latest: list[VersionRow]


def registered_model_row(user: User, name: str) -> RegisteredModelRow:
    """One registered model (three statements).

    Raises:
        NotFoundError: there is none.
    """
    return registered_model_rows(user, [registered_model(name).pk])[0]


def registered_model_rows(user: User, ids: Sequence[int]) -> list[RegisteredModelRow]:
    """The models with these primary keys, in their order."""
    may, values = permission_sql(user, READ)
    latest: dict[str, list[VersionRow]] = {}
    for version in latest_version_rows(user, ids):
        latest.setdefault(version.name, []).append(version)
    with connection.cursor() as cursor:
        cursor.execute(SELECT.format(may=may), values | {"ids": list(ids)})
        rows: list[Any] = cursor.fetchall()
    found = {row[0]: RegisteredModelRow._make([*row, latest.get(row[1], [])]) for row in rows}
    return [found[each] for each in ids if each in found]


def registered_model(name: str) -> RegisteredModel:
    """The model with this name (one statement).

    Raises:
        NotFoundError: there is none.
    """
    model = RegisteredModel.objects.filter(name=name).first()
    if model is None:
        raise no_model(name)
    return model


def no_model(name: str) -> NotFoundError:
    """What is said of a model that is not there."""
    return NotFoundError(f"Registered Model with name={name[:255]} not found")
