"""Who may do what in which experiment: the one rule, for the API, the pages and the admin.

A user's row in an experiment says it. Without a row the experiment's creator manages it, and everyone
else has ``DEFAULT_EXPERIMENT_PERMISSION``. A superuser may do everything. What a user may not read does
not exist for them; what they may read and not change is forbidden to change. Decision: docs/decisions/0007.
"""

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import OuterRef, Q, QuerySet, Subquery

from registry.enums import Lifecycle
from registry.exceptions import ForbiddenError, NotFoundError
from registry.fields import HEX_ID
from registry.models import Experiment, ExperimentPermission, LoggedModel, TrainingRun

Level = ExperimentPermission.Level
WITHOUT_OWNER = Q(logged_model__isnull=True, run__isnull=True)
LIFECYCLE_LEVEL = Level.MANAGE
"""What archiving and restoring an experiment asks, wherever it is done."""
RANKS = {Level.NONE: 0, Level.READ: 1, Level.EDIT: 2, Level.MANAGE: 3}


def visible_to(user: User, *, experiment: str) -> Q:
    """Rows whose experiment the user may read, as one condition (no statement of its own).

    Args:
        experiment: the path to the experiment, such as ``run__experiment``; ``pk`` for experiments.
    """
    return may(user, Level.READ, experiment=experiment)


def may(user: User, level: str, *, experiment: str) -> Q:
    """Rows in whose experiment the user has this level or a higher one."""
    if user.is_superuser:
        return Q()
    rows = ExperimentPermission.objects.filter(user=user)
    too_low = rows.filter(level__in=_below(level)).values("experiment")
    if reaches(_default_level(), level):
        return ~Q(**{f"{experiment}__in": too_low})
    granted = rows.exclude(level__in=_below(level)).values("experiment")
    created = Experiment.objects.filter(created_by=user).exclude(pk__in=too_low).values("pk")
    return Q(**{f"{experiment}__in": granted}) | Q(**{f"{experiment}__in": created})


def visible_by_owner(user: User) -> Q:
    """Files and versions whose logged model's experiment, else their run's, the user may read.

    Those with neither are everyone's: they hold no files.
    """
    return may_by_owner(user, Level.READ) | WITHOUT_OWNER


def may_by_owner(user: User, level: str) -> Q:
    """Files and versions in whose logged model's experiment, else their run's, the user has this level."""
    in_model = may(user, level, experiment="logged_model__experiment")
    in_run = may(user, level, experiment="run__experiment")
    return Q(logged_model__isnull=False) & in_model | Q(logged_model__isnull=True, run__isnull=False) & in_run


def level_in(*, user: User, experiment: Experiment) -> str:
    """The user's level in an experiment (one statement, none for a superuser)."""
    row = ExperimentPermission.objects.filter(user=user, experiment=experiment)
    own = None if user.is_superuser else row.values_list("level", flat=True).first()
    return _level(user, experiment, own)


def authorize(*, user: User, level: str, experiment: Experiment) -> None:
    """Let the user go on, or say why not (one statement).

    Raises:
        NotFoundError: the user may not know of the experiment.
        ForbiddenError: the user may read it, and needs ``level``.
    """
    _require(level_in(user=user, experiment=experiment), level, experiment, _no_experiment(experiment.name))


def run_for(user: User, run_id: str, *, level: str = Level.READ) -> TrainingRun:
    """The run with its experiment, where the user has this level there (one statement).

    Raises:
        NotFoundError: there is no such run, or the user may not know of it.
        ForbiddenError: the user may read it, and needs ``level``.
    """
    run, has = run_with_level(user, run_id)
    _require(has, level, run.experiment, _no_run(run_id))
    return run


def run_with_level(user: User, run_id: str) -> tuple[TrainingRun, str]:
    """The run with its experiment, and the user's level there (one statement).

    Raises:
        NotFoundError: there is no such run, or the user may not know of it.
    """
    rows: QuerySet[TrainingRun] = TrainingRun.objects.select_related("experiment", "dataset", "parent")
    own = _own_level(user, OuterRef("experiment"))
    found = rows.filter(run_id=run_id) if HEX_ID.fullmatch(run_id) else rows.none()
    run = found.annotate(own_level=own).first()
    if run is None:
        raise NotFoundError(_no_run(run_id))
    has = _level(user, run.experiment, run.own_level)
    _require(has, Level.READ, run.experiment, _no_run(run_id))
    return run, has


def logged_model_for(
    user: User, model_id: str, *, level: str = Level.READ, even_deleted: bool = False
) -> LoggedModel:
    """The logged model with its experiment, where the user has this level there (one statement).

    Raises:
        NotFoundError: there is no such model, or the user may not know of it.
        ForbiddenError: the user may read it, and needs ``level``.
    """
    missing = f"Logged model with ID 'm-{model_id[:100]}' not found."
    rows = LoggedModel.objects.select_related("experiment", "source_run")
    found = rows.filter(model_id=model_id) if HEX_ID.fullmatch(model_id) else rows.none()
    model = found.annotate(own_level=_own_level(user, OuterRef("experiment"))).first()
    if model is None or (model.lifecycle != Lifecycle.ACTIVE and not even_deleted):
        raise NotFoundError(missing)
    _require(_level(user, model.experiment, model.own_level), level, model.experiment, missing)
    return model


def experiment_for(user: User, name: str, *, level: str = Level.READ) -> Experiment:
    """The experiment with this name, where the user has this level in it (one statement).

    Raises:
        NotFoundError: there is none, or the user may not know of it.
        ForbiddenError: the user may read it, and needs ``level``.
    """
    return _one(Experiment.objects.filter(name=name), user, level, _no_experiment(name))


def experiment_with_id(user: User, experiment_id: str, *, level: str = Level.READ) -> Experiment:
    """The same by its public id."""
    rows = Experiment.objects.filter(experiment_id=experiment_id)
    found = rows if HEX_ID.fullmatch(experiment_id) else rows.none()
    return _one(found, user, level, f"There is no experiment with id {experiment_id[:100]!r}.")


def _one(rows: QuerySet[Experiment], user: User, level: str, missing: str) -> Experiment:
    experiment = rows.annotate(own_level=_own_level(user, OuterRef("pk"))).first()
    if experiment is None:
        raise NotFoundError(missing)
    _require(_level(user, experiment, experiment.own_level), level, experiment, missing)
    return experiment


def _own_level(user: User, experiment: OuterRef) -> Subquery:
    rows = ExperimentPermission.objects.filter(user=user, experiment=experiment)
    return Subquery(rows.values("level")[:1])


def _level(user: User, experiment: Experiment, own: str | None) -> str:
    if user.is_superuser:
        return Level.MANAGE
    if own is None and experiment.created_by_id == user.pk:
        return Level.MANAGE
    return own or _default_level()


def _require(has: str, needed: str, experiment: Experiment, missing: str) -> None:
    if not reaches(has, Level.READ):
        raise NotFoundError(missing)
    if not reaches(has, needed):
        raise ForbiddenError(
            f"You have {has} in the experiment {experiment.name!r}; this needs {needed}."
            " Ask one who manages it."
        )


def _no_experiment(name: str) -> str:
    return f"There is no experiment named {name!r}. Create it first."


def _no_run(run_id: str) -> str:
    return f"There is no run with id {run_id[:100]!r}."


def reaches(has: str, needed: str) -> bool:
    """Whether a level is the needed one or a higher one."""
    return RANKS[Level(has)] >= RANKS[Level(needed)]


def _below(level: str) -> list[str]:
    return [each.value for each in RANKS if not reaches(each, level)]


def _default_level() -> str:
    level: str = settings.DEFAULT_EXPERIMENT_PERMISSION
    return level
