"""The rule of registry.queries.permissions as a condition in SQL, for statements written by hand."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User

from registry.models import ExperimentPermission

from .permissions import RANKS, reaches

Level = ExperimentPermission.Level

LEVEL = """coalesce(
    (SELECT p.level FROM registry_experimentpermission p
     WHERE p.experiment_id = {experiment}.id AND p.user_id = %(asker)s),
    CASE WHEN {experiment}.created_by_id = %(asker)s THEN 'MANAGE' ELSE %(default_level)s END
)"""
CONDITION = f"{LEVEL} = ANY(%(levels)s)"

PERMISSION_TYPES = {"asker": "int8", "default_level": "text", "levels": "text[]"}
"""The types of its parameters, for a prepared statement."""


HIDDEN = """{column} NOT IN (
    SELECT p.experiment_id FROM registry_experimentpermission p
    WHERE p.user_id = %(asker)s AND p.level <> ALL(%(levels)s)
)"""
GRANTED = """({column} IN (
    SELECT p.experiment_id FROM registry_experimentpermission p
    WHERE p.user_id = %(asker)s AND p.level = ANY(%(levels)s)
) OR {column} IN (
    SELECT o.id FROM registry_experiment o WHERE o.created_by_id = %(asker)s AND NOT EXISTS (
        SELECT 1 FROM registry_experimentpermission p
        WHERE p.experiment_id = o.id AND p.user_id = %(asker)s)
))"""


def permission_sql(user: User, level: str, *, experiment: str = "e") -> tuple[str, dict[str, Any]]:
    """A condition that holds where the user has this level, and its parameters.

    Args:
        experiment: the alias of ``registry_experiment`` in the statement.
    """
    if user.is_superuser:
        return "true", {}
    return CONDITION.format(experiment=experiment), _asker(user) | {"levels": _enough(level)}


def level_sql(user: User) -> tuple[str, dict[str, Any]]:
    """The user's level in the experiment ``e`` of the statement as an expression, and its parameters."""
    if user.is_superuser:
        return f"'{Level.MANAGE.value}'", {}
    return LEVEL.format(experiment="e"), _asker(user)


def readable_sql(user: User, *, column: str = "r.experiment_id") -> tuple[str, dict[str, Any]]:
    """The same for reading, where a statement looks at many rows of few experiments.

    The user's own levels are gathered once instead of asked for each row.

    Args:
        column: the experiment's primary key in the statement.
    """
    if user.is_superuser:
        return "true", {}
    default = Level(settings.DEFAULT_EXPERIMENT_PERMISSION)
    levels = _enough(Level.READ)
    rule = HIDDEN if default.value in levels else GRANTED
    return rule.format(column=column), {"asker": user.pk, "levels": levels}


def _asker(user: User) -> dict[str, Any]:
    return {"asker": user.pk, "default_level": settings.DEFAULT_EXPERIMENT_PERMISSION}


def _enough(level: str) -> list[str]:
    return [each.value for each in RANKS if reaches(each, level)]
