import datetime as dt

import pytest

from registry.exceptions import BadInputError, ConflictError, DuplicateNameError, NotFoundError
from registry.models import ModelAlias, ModelVersion, RegisteredModel, TrainingRun
from registry.services.model_aliases import delete_alias, set_alias
from registry.services.model_versions import create_model_version, transition_stage
from registry.services.registered_models import register_model
from tests.factories import ArtifactFactory, UserFactory
from tests.side_by_side import side_by_side


@pytest.fixture
def run_id() -> str:
    return str(ArtifactFactory(path="model/model.skops").run.run_id)


@pytest.fixture
def two_versions(run_id: str) -> None:
    register_model(name="churn")
    for _ in range(2):
        create_model_version(model="churn", run_id=run_id, artifact_path="model")


@pytest.mark.django_db
def test_versions_are_numbered_and_know_their_run(run_id: str) -> None:
    user = UserFactory()
    register_model(name="churn", description="who leaves", user=user)
    versions = [
        create_model_version(model="churn", run_id=run_id, artifact_path=path, user=user)
        for path in ("model", "model/model.skops")
    ]
    assert [version.number for version in versions] == [1, 2]
    assert versions[0].run.run_id == run_id
    assert versions[0].source == f"runs:/{run_id}/model"


@pytest.mark.django_db
def test_a_taken_name_is_refused() -> None:
    register_model(name="churn")
    with pytest.raises(DuplicateNameError):
        register_model(name="churn")
    assert RegisteredModel.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["", "a/b", "a:b", "x" * 256, "a\x00"])
def test_a_bad_name_is_refused(name: str) -> None:
    with pytest.raises(BadInputError):
        register_model(name=name)
    assert RegisteredModel.objects.count() == 0


@pytest.mark.django_db
def test_a_version_needs_a_model_a_run_and_a_file(run_id: str) -> None:
    with pytest.raises(NotFoundError, match="no registered model"):
        create_model_version(model="churn", run_id=run_id, artifact_path="model")
    register_model(name="churn")
    with pytest.raises(NotFoundError, match="no run"):
        create_model_version(model="churn", run_id="f" * 32, artifact_path="model")
    with pytest.raises(NotFoundError, match="no artifact at 'mod'"):
        create_model_version(model="churn", run_id=run_id, artifact_path="mod")
    assert ModelVersion.objects.count() == 0


@pytest.mark.django_db
def test_a_run_in_the_bin_gives_no_version(run_id: str) -> None:
    register_model(name="churn")
    TrainingRun.objects.update(lifecycle="deleted", deleted_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    with pytest.raises(ConflictError, match="Restore it first"):
        create_model_version(model="churn", run_id=run_id, artifact_path="model")
    assert ModelVersion.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.usefixtures("two_versions")
def test_text_that_cannot_be_stored_is_refused_everywhere(run_id: str) -> None:
    for work in (
        lambda: create_model_version(model="a\x00", run_id=run_id, artifact_path="model"),
        lambda: create_model_version(model="churn", run_id=run_id, artifact_path="a\x00"),
        lambda: set_alias(model="a\x00", alias="champion", version=1),
        lambda: delete_alias(model="churn", alias="a\x00"),
        lambda: delete_alias(model="a\x00", alias="champion"),
        lambda: transition_stage(model="a\x00", version=1, stage="Staging"),
    ):
        with pytest.raises(BadInputError, match="NUL"):
            work()


@pytest.mark.django_db(transaction=True)
def test_versions_made_side_by_side_have_numbers_of_their_own(run_id: str) -> None:
    register_model(name="churn")
    side_by_side(lambda: create_model_version(model="churn", run_id=run_id, artifact_path="model"), 6)
    assert sorted(ModelVersion.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]


@pytest.mark.django_db
@pytest.mark.usefixtures("two_versions")
def test_an_alias_moves_and_goes() -> None:
    set_alias(model="churn", alias="champion", version=1)
    set_alias(model="churn", alias="champion", version=2)
    assert ModelAlias.objects.get().version.number == 2
    assert delete_alias(model="churn", alias="champion")
    assert not delete_alias(model="churn", alias="champion")


@pytest.mark.django_db
@pytest.mark.usefixtures("two_versions")
@pytest.mark.parametrize("alias", ["2024", "vision", "later_than-2", "größte"])
def test_an_alias_may_be_what_mlflow_takes(alias: str) -> None:
    assert set_alias(model="churn", alias=alias, version=1).alias == alias


@pytest.mark.django_db
@pytest.mark.usefixtures("two_versions")
@pytest.mark.parametrize(
    ("alias", "version", "error"),
    [
        ("v1", 1, BadInputError), ("V12", 1, BadInputError), ("Latest", 1, BadInputError),
        ("", 1, BadInputError), ("a b", 1, BadInputError), ("a@b", 1, BadInputError), ("a\n", 1, BadInputError),
        ("ok", 9, NotFoundError), ("ok", 2**70, NotFoundError),
    ],
)  # fmt: skip
def test_a_bad_alias_is_refused(alias: str, version: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        set_alias(model="churn", alias=alias, version=version)
    assert ModelAlias.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.usefixtures("two_versions")
def test_one_version_at_a_time_is_in_production() -> None:
    for version in (1, 2):
        transition_stage(model="churn", version=version, stage="Production")
    stages = dict(ModelVersion.objects.values_list("number", "stage"))
    assert stages == {1: "Archived", 2: "Production"}
    with pytest.raises(BadInputError, match="no stage"):
        transition_stage(model="churn", version=1, stage="Live")
