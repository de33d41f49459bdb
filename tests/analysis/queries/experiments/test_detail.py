from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from analysis.queries.experiments.detail import experiment_detail
from analysis.queries.experiments.varied_params import VariedParam
from registry.documents.connection import collection
from registry.enums import RunStatus
from registry.exceptions import NotFoundError
from registry.models import Experiment, Param
from registry.services.experiments import create_experiment
from registry.services.permissions import grant_permission
from tests.factories import DatasetFactory, RunFactory, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo")]


@pytest.fixture
def ada() -> User:
    return UserFactory.create(username="ada")


@pytest.fixture
def churn(ada: User) -> Experiment:
    return create_experiment(name="churn", tags={"team": "risk"}, custom={"goal": {"auc": 0.9}}, user=ada)


def test_an_experiment_comes_whole_from_both_stores(churn: Experiment, ada: User) -> None:
    wine = DatasetFactory.create(name="wine")
    for accuracy, rate in ((0.7, "0.1"), (0.9, "0.2"), (0.8, "0.2")):
        run = RunFactory.create(experiment=churn, dataset=wine, accuracy=accuracy)
        Param.objects.create(run=run, key="lr", value=rate, value_number=float(rate))
        Param.objects.create(run=run, key="same", value="1", value_number=1)
    RunFactory.create(experiment=churn, dataset=None, accuracy=None, framework="", status=RunStatus.FAILED)
    found = experiment_detail(churn.experiment_id, viewer=ada)
    assert found.tags == [("team", "risk")]
    assert [run.accuracy for run in found.best] == [0.9, 0.8, 0.7]
    assert [best for _, best in found.progress] == [0.7, 0.9, 0.9]
    assert [(line.name, line.runs, line.failed) for line in found.datasets] == [("wine", 3, 0)]
    assert [(line.name, line.mean_accuracy) for line in found.frameworks] == [
        ("scikit-learn", pytest.approx(0.8))
    ]
    assert found.varied == [VariedParam("lr", 2, 3, "0.2", 0.1, 0.2)]
    assert found.varied[0].columns == ["status", "accuracy", "params.lr"]
    assert found.body.state == "in sync"
    assert found.body.tree is not None
    assert "custom" in [node.key for node in found.body.tree.nodes]


def test_a_param_of_texts_has_no_range(churn: Experiment, ada: User) -> None:
    for value in ("adam", "sgd"):
        Param.objects.create(run=RunFactory.create(experiment=churn), key="optimizer", value=value)
    (param,) = experiment_detail(churn.experiment_id, viewer=ada).varied
    assert (param.values, param.least, param.greatest) == (2, None, None)


def test_a_param_that_no_column_can_name_is_told_all_the_same() -> None:
    assert VariedParam("'`\"", 2, 2, "", None, None).columns == ["status", "accuracy"]


def test_levels_of_others_are_told_to_managers_alone(churn: Experiment, ada: User) -> None:
    bob = UserFactory.create(username="bob")
    grant_permission(experiment=churn, user=bob, level="EDIT", by=None)
    managed = experiment_detail(churn.experiment_id, viewer=ada)
    assert (managed.permissions, managed.may_manage, managed.may_edit) == ([("bob", "Edit")], True, True)
    edited = experiment_detail(churn.experiment_id, viewer=bob)
    assert (edited.permissions, edited.may_manage, edited.may_edit) == (None, False, True)


def test_a_hidden_experiment_does_not_exist(churn: Experiment) -> None:
    bob = UserFactory.create()
    grant_permission(experiment=churn, user=bob, level="NO_PERMISSIONS", by=None)
    with pytest.raises(NotFoundError):
        experiment_detail(churn.experiment_id, viewer=bob)


def test_a_body_that_is_missing_or_behind_is_said_so(churn: Experiment, ada: User) -> None:
    Experiment.objects.filter(pk=churn.pk).update(version=9)
    assert experiment_detail(churn.experiment_id, viewer=ada).body.state == "lagging"
    collection("experiments").delete_many({})
    missing = experiment_detail(churn.experiment_id, viewer=ada).body
    assert (missing.state, missing.version) == ("missing", 0)
    assert missing.tree is not None


def test_without_mongodb_the_body_is_postgresqls_copy(
    churn: Experiment, ada: User, mongodb_away: Callable[[], None]
) -> None:
    found = experiment_detail(churn.experiment_id, viewer=ada)
    assert found.body.state == "down"
    assert found.body.tree is not None
    assert "goal" in str(found.body.tree)
    assert found.tags == [("team", "risk")]


def test_an_experiment_that_never_had_a_body_shows_none(ada: User, mongodb_away: Callable[[], None]) -> None:
    bare = Experiment.objects.create(name="bare")
    assert experiment_detail(bare.experiment_id, viewer=ada).body.tree is None
