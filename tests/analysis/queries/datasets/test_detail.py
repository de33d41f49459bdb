import pytest
from django.contrib.auth.models import User

from analysis.queries.datasets.detail import dataset_detail, stored
from analysis.queries.datasets.lineage import LineageVersion
from registry.enums import DeploymentStatus, Environment
from registry.exceptions import NotFoundError
from registry.models import Dataset, DatasetParent, Deployment, RunInput
from registry.services.permissions import grant_permission
from tests.factories import (
    DatasetFactory,
    LoggedModelFactory,
    ModelVersionFactory,
    RegisteredModelFactory,
    RunFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return UserFactory.create(username="ada")


@pytest.fixture
def wine() -> Dataset:
    return DatasetFactory.create(name="wine/2026 “ä”")


def test_a_dataset_comes_whole(wine: Dataset, ada: User) -> None:
    runs = [RunFactory.create(dataset=wine, accuracy=accuracy) for accuracy in (0.7, 0.9)]
    reader = RunFactory.create()
    RunInput.objects.create(run=reader, dataset=wine, context="test")
    found = dataset_detail(wine.name, viewer=ada)
    assert [run.run_id for run in found.runs] == [run.run_id for run in reversed(runs)]
    assert found.trend == pytest.approx(0.2)
    assert found.best is not None
    assert found.best.run_id == runs[1].run_id
    assert [row.score for row in found.board.rows] == [0.9, 0.7]
    assert [link.run.name for link in found.readers] == [reader.name]
    assert not found.is_sampled


def test_there_is_no_such_dataset(ada: User) -> None:
    with pytest.raises(NotFoundError):
        dataset_detail("none", viewer=ada)


def test_a_run_that_scored_nothing_comes_before_one_without_a_score(wine: Dataset, ada: User) -> None:
    nought = RunFactory.create(dataset=wine, accuracy=0.0)
    unscored = RunFactory.create(dataset=wine, accuracy=None)
    shown = [run_id for run_id, _ in dataset_detail(wine.name, viewer=ada).lineage.runs]
    assert shown == [nought.run_id, unscored.run_id]


def test_neighbours_are_datasets_runs_versions_and_where_they_are_live(wine: Dataset, ada: User) -> None:
    DatasetParent.objects.create(child=wine, parent=DatasetFactory.create(name="raw"))
    DatasetParent.objects.create(child=DatasetFactory.create(name="sample"), parent=wine)
    best, source, maker = (RunFactory.create(dataset=wine, accuracy=rate) for rate in (0.9, 0.5, 0.4))
    churn = RegisteredModelFactory.create(name="churn")
    version = ModelVersionFactory.create(model=churn, number=1, run=source)
    ModelVersionFactory.create(
        model=churn, number=2, run=None, logged_model=LoggedModelFactory.create(source_run=maker)
    )
    Deployment.objects.create(
        model=churn, version=version, environment=Environment.STAGING, status=DeploymentStatus.LIVE
    )
    found = dataset_detail(wine.name, viewer=ada).lineage
    assert (found.parents, found.children) == (["raw"], ["sample"])
    assert [run_id for run_id, _ in found.runs] == [maker.run_id, source.run_id, best.run_id]
    assert found.versions == [
        LineageVersion("churn", 2, maker.run_id, maker.name, []),
        LineageVersion("churn", 1, source.run_id, source.name, ["staging"]),
    ]


def test_a_dataset_without_neighbours_stands_alone(wine: Dataset, ada: User) -> None:
    assert dataset_detail(wine.name, viewer=ada).lineage.is_alone


def test_what_the_viewer_may_not_read_is_nowhere(wine: Dataset, ada: User) -> None:
    hidden = RunFactory.create(dataset=wine, name="hidden")
    grant_permission(experiment=hidden.experiment, user=ada, level="NO_PERMISSIONS", by=None)
    ModelVersionFactory.create(run=hidden)
    other = RunFactory.create(experiment=hidden.experiment)
    RunInput.objects.create(run=other, dataset=wine)
    found = dataset_detail(wine.name, viewer=ada)
    assert (found.runs, found.readers, found.board.rows, found.experiments) == ([], [], [], [])
    assert found.lineage.is_alone
    assert found.lineage.versions == []


def test_a_stored_text_is_a_tree_where_it_is_json() -> None:
    columns = stored('[{"name": "alcohol"}]')
    assert columns.tree is not None
    assert columns.tree.nodes[0].key == "columns"
    assert stored({"columns": 13}).tree is not None
    assert stored({}).tree is None
    assert stored("13 columns").text == "13 columns"
    long = stored("x" * 20_001)
    assert (len(long.text), long.is_cut) == (20_000, True)
    assert stored("7").text == "7"
