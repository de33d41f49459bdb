"""Versions of registered models with their tags and aliases: one statement, however many.

A version belongs to the experiment of its files: its logged model's, else its run's. Who may not read
that does not see the version. A version without files, such as a prompt's, has everyone's level.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Q

from registry.exceptions import NotFoundError
from registry.models import ExperimentPermission, ModelVersion, TrainingRun

from .permission_sql import permission_sql

READ = ExperimentPermission.Level.READ
BIGGEST = 2**31 - 1  # of PostgreSQL's integers

JOINS = """
registry_modelversion v JOIN registry_registeredmodel m ON m.id = v.model_id
LEFT JOIN registry_trainingrun r ON r.id = v.run_id
LEFT JOIN registry_loggedmodel g ON g.id = v.logged_model_id
LEFT JOIN registry_experiment e ON e.id = coalesce(g.experiment_id, r.experiment_id)
"""
COLUMNS = """
v.id, m.name, v.number, v.created_at, v.updated_at, v.stage, v.description, v.source, v.artifact_path,
coalesce(replace(r.run_id::text, '-', ''), ''), coalesce(replace(g.model_id::text, '-', ''), ''),
coalesce(e.experiment_id, ''), v.status, v.status_message, v.run_link,
(SELECT coalesce(json_agg(json_build_array(t.key, t.value) ORDER BY t.key), '[]')
 FROM registry_modelversiontag t WHERE t.version_id = v.id),
(SELECT coalesce(json_agg(a.alias ORDER BY a.alias), '[]')
 FROM registry_modelalias a WHERE a.version_id = v.id)
"""
LATEST = f"""
v.id IN (SELECT DISTINCT ON (v.model_id, v.stage) v.id FROM {JOINS}
         WHERE v.model_id = ANY(%(models)s) AND {{may}} ORDER BY v.model_id, v.stage, v.number DESC)
"""  # noqa: S608 (made of constants)


class VersionRow(NamedTuple):
    """A version; ids as our columns have them, empty where there is none."""

    id: int
    name: str
    number: int
    created_at: dt.datetime
    updated_at: dt.datetime
    stage: str
    description: str
    source: str
    artifact_path: str
    run_id: str
    model_id: str
    experiment_id: str
    status: str
    status_message: str
    run_link: str
    tags: list[tuple[str, str]]
    aliases: list[str]


def version_row(user: User, name: str, number: int) -> VersionRow:
    """One version (one statement).

    Raises:
        NotFoundError: there is none, or none that the user may know of.
    """
    where = "m.name = %(name)s AND v.number = %(number)s"
    found = _rows(user, where, {"name": name, "number": min(max(number, 0), BIGGEST)})
    if not found:
        raise no_version(name, number)
    return found[0]


def aliased_version_row(user: User, name: str, alias: str) -> VersionRow | None:
    """The version that an alias points at, None where the user may know of none (one statement)."""
    where = (
        "v.id = (SELECT a.version_id FROM registry_modelalias a JOIN registry_registeredmodel n"
        " ON n.id = a.model_id WHERE n.name = %(name)s AND a.alias = %(alias)s)"
    )
    found = _rows(user, where, {"name": name, "alias": alias})
    return found[0] if found else None


def latest_version_rows(user: User, models: Sequence[int]) -> list[VersionRow]:
    """Of each of these models (by primary key) the newest version in each stage, by number."""
    may, values = permission_sql(user, READ)
    return _rows(user, LATEST.format(may=may), values | {"models": list(models)})


def version_rows(user: User, ids: Sequence[int]) -> list[VersionRow]:
    """The versions with these primary keys, in their order."""
    found = {row.id: row for row in _rows(user, "v.id = ANY(%(ids)s)", {"ids": list(ids)})}
    return [found[each] for each in ids if each in found]


def no_version(name: str, number: object) -> NotFoundError:
    """What is said of a version that is not there."""
    return NotFoundError(f"Model Version (name={name[:255]}, version={number}) not found")


def _rows(user: User, where: str, values: dict[str, Any]) -> list[VersionRow]:
    may, more = permission_sql(user, READ)
    sql = f"SELECT {COLUMNS} FROM {JOINS} WHERE {where} AND {may} ORDER BY m.name, v.number"  # noqa: S608 (made of constants)
    with connection.cursor() as cursor:
        cursor.execute(sql, values | more)
        return [VersionRow(*row) for row in cursor.fetchall()]


def newest_versions_of(run: TrainingRun) -> list[ModelVersion]:
    """The newest version that a run's files, or a model that it logged, became in each registered model."""
    made = Q(run=run) | Q(logged_model__source_run=run)
    found = ModelVersion.objects.filter(made).select_related("model").order_by("model_id", "-number")
    return list(found.distinct("model_id"))
