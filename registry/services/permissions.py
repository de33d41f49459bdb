"""Giving users a level in an experiment, and taking it back."""

from django.contrib.auth.models import User
from django.db import transaction

from registry.exceptions import BadInputError, NotFoundError
from registry.models import Experiment, ExperimentPermission
from registry.queries.permissions import authorize
from registry.sync.audit import record

Level = ExperimentPermission.Level


def grant_permission(
    *, experiment: Experiment, user: User, level: str, by: User | None
) -> ExperimentPermission:
    """Give a user a level in an experiment; a level that is there is replaced.

    Args:
        level: READ, EDIT, MANAGE, or NO_PERMISSIONS, which hides the experiment.
        by: who gives it and must manage the experiment; None for an operator at the command line.

    Raises:
        BadInputError: there is no such level.
        NotFoundError, ForbiddenError: ``by`` does not manage the experiment.
    """
    if level not in Level.values:
        raise BadInputError(f"{level[:100]!r} is no level; there are {', '.join(Level.values)}.")
    if by is not None:
        authorize(user=by, level=Level.MANAGE, experiment=experiment)
    with transaction.atomic():
        granted, _ = ExperimentPermission.objects.update_or_create(
            experiment=experiment, user=user, defaults={"level": level}
        )
        _recorded("permission.grant", experiment, user, level)
    return granted


def revoke_permission(*, experiment: Experiment, user: User, by: User | None) -> None:
    """Take a user's level back, so that the default holds for them again.

    Raises:
        NotFoundError: the user has no level of their own there, or ``by`` may not know of it.
        ForbiddenError: ``by`` does not manage the experiment.
    """
    if by is not None:
        authorize(user=by, level=Level.MANAGE, experiment=experiment)
    with transaction.atomic():
        deleted, _ = ExperimentPermission.objects.filter(experiment=experiment, user=user).delete()
        if not deleted:
            raise NotFoundError(f"{user.get_username()!r} has no level of their own in {experiment.name!r}.")
        _recorded("permission.revoke", experiment, user, "")


def _recorded(action: str, experiment: Experiment, user: User, level: str) -> None:
    details = {"user": user.get_username()} | ({"level": level} if level else {})
    record(action=action, subject_id=experiment.experiment_id, details=details)
