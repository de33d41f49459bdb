"""The one rule, for one experiment and for lists: both must say the same."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User

from registry.exceptions import BadInputError, ForbiddenError, NotFoundError
from registry.models import AuditEntry, Experiment, ExperimentPermission, TrainingRun
from registry.queries.permissions import authorize, experiment_for, level_in, may, run_for, visible_to
from registry.services.permissions import grant_permission, revoke_permission
from tests.factories import ExperimentFactory, RunFactory, UserFactory

pytestmark = pytest.mark.django_db
LEVELS = ["NO_PERMISSIONS", "READ", "EDIT", "MANAGE"]
NEEDED = ["READ", "EDIT", "MANAGE"]


@pytest.fixture
def ada() -> User:
    return UserFactory.create(username="ada")


def experiments(ada: User) -> dict[str, tuple[Experiment, str]]:
    """Name → experiment and the level that ada must have there, given the default D."""
    found = {level: (ExperimentFactory.create(name=level), level) for level in LEVELS}
    for experiment, level in found.values():
        grant_permission(experiment=experiment, user=ada, level=level, by=None)
    found["nobody's"] = (ExperimentFactory.create(name="nobody's"), "D")
    found["another's"] = (ExperimentFactory.create(name="another's", created_by=UserFactory.create()), "D")
    found["own"] = (ExperimentFactory.create(name="own", created_by=ada), "MANAGE")
    given_away = ExperimentFactory.create(name="given away", created_by=ada)
    grant_permission(experiment=given_away, user=ada, level="NO_PERMISSIONS", by=None)
    return found | {"given away": (given_away, "NO_PERMISSIONS")}


@pytest.mark.parametrize("default", LEVELS)
@pytest.mark.parametrize("needed", NEEDED)
def test_lists_and_single_questions_agree(
    ada: User, settings: LazySettings, default: str, needed: str
) -> None:
    settings.DEFAULT_EXPERIMENT_PERMISSION = default
    wanted = set()
    for name, (experiment, said) in experiments(ada).items():
        level = default if said == "D" else said
        assert level_in(user=ada, experiment=experiment) == level
        RunFactory.create(experiment=experiment, name=name)
        if LEVELS.index(level) >= LEVELS.index(needed):
            wanted.add(name)
            authorize(user=ada, level=needed, experiment=experiment)
        else:
            with pytest.raises(NotFoundError if level == "NO_PERMISSIONS" else ForbiddenError):
                authorize(user=ada, level=needed, experiment=experiment)
    assert {each.name for each in Experiment.objects.filter(may(ada, needed, experiment="pk"))} == wanted
    runs = TrainingRun.objects.filter(may(ada, needed, experiment="experiment"))
    assert {run.name for run in runs} == wanted


def test_a_superuser_may_do_everything_and_is_asked_nothing(django_assert_num_queries: Any) -> None:
    root = User.objects.create_superuser("root")
    experiment = ExperimentFactory.create()
    grant_permission(experiment=experiment, user=root, level="NO_PERMISSIONS", by=None)
    with django_assert_num_queries(0):
        authorize(user=root, level="MANAGE", experiment=experiment)
    assert Experiment.objects.filter(visible_to(root, experiment="pk")).count() == 1


def test_a_hidden_run_is_not_told_from_a_missing_one(ada: User, django_assert_num_queries: Any) -> None:
    run = RunFactory.create()
    with django_assert_num_queries(1):
        assert run_for(ada, run.run_id) == run
    grant_permission(experiment=run.experiment, user=ada, level="NO_PERMISSIONS", by=None)
    with pytest.raises(NotFoundError) as hidden:
        run_for(ada, run.run_id)
    missing_id = "0" * 32
    with pytest.raises(NotFoundError) as missing:
        run_for(ada, missing_id)
    assert str(hidden.value).replace(run.run_id, missing_id) == str(missing.value)
    with pytest.raises(NotFoundError, match="There is no experiment named"):
        experiment_for(ada, run.experiment.name)
    with pytest.raises(NotFoundError):
        run_for(ada, "x")


def test_the_refusal_says_what_is_missing(ada: User) -> None:
    run = RunFactory.create(experiment__name="e")
    with pytest.raises(ForbiddenError, match="You have READ in the experiment 'e'; this needs EDIT."):
        run_for(ada, run.run_id, level="EDIT")


def test_only_who_manages_gives_and_takes_and_it_is_recorded(ada: User) -> None:
    owner = UserFactory.create()
    experiment = ExperimentFactory.create(created_by=owner)
    with pytest.raises(ForbiddenError):
        grant_permission(experiment=experiment, user=ada, level="MANAGE", by=ada)
    with pytest.raises(BadInputError, match="'ROOT' is no level"):
        grant_permission(experiment=experiment, user=ada, level="ROOT", by=owner)
    assert ExperimentPermission.objects.count() == 0
    for level in ("EDIT", "MANAGE"):
        grant_permission(experiment=experiment, user=ada, level=level, by=owner)
    assert ExperimentPermission.objects.get().level == "MANAGE"
    revoke_permission(experiment=experiment, user=ada, by=ada)
    assert level_in(user=ada, experiment=experiment) == "READ"
    with pytest.raises(NotFoundError, match="has no level of their own"):
        revoke_permission(experiment=experiment, user=ada, by=owner)
    with pytest.raises(ForbiddenError):
        revoke_permission(experiment=experiment, user=ada, by=ada)
    actions = AuditEntry.objects.filter(subject_id=experiment.experiment_id).order_by("id")
    assert [(each.action, each.details) for each in actions] == [
        ("permission.grant", {"user": "ada", "level": "EDIT"}),
        ("permission.grant", {"user": "ada", "level": "MANAGE"}),
        ("permission.revoke", {"user": "ada"}),
    ]
