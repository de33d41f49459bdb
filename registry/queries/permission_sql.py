"""The rule of registry.queries.permissions as a condition in SQL, for statements written by hand."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User

from registry.models import ExperimentPermission

from .permissions import RANKS

Level = ExperimentPermission.Level

CONDITION = """coalesce(
    (SELECT p.level FROM registry_experimentpermission p
     WHERE p.experiment_id = {experiment}.id AND p.user_id = %(asker)s),
    CASE WHEN {experiment}.created_by_id = %(asker)s THEN 'MANAGE' ELSE %(default_level)s END
) = ANY(%(levels)s)"""

PERMISSION_TYPES = {"asker": "int8", "default_level": "text", "levels": "text[]"}
"""The types of its parameters, for a prepared statement."""


def permission_sql(user: User, level: str, *, experiment: str = "e") -> tuple[str, dict[str, Any]]:
    """A condition that holds where the user has this level, and its parameters.

    Args:
        experiment: the alias of ``registry_experiment`` in the statement.
    """
    if user.is_superuser:
        return "true", {}
    enough = [each.value for each, rank in RANKS.items() if rank >= RANKS[Level(level)]]
    values = {"asker": user.pk, "default_level": settings.DEFAULT_EXPERIMENT_PERMISSION, "levels": enough}
    return CONDITION.format(experiment=experiment), values
