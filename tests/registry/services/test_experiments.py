import pytest

from registry.documents.connection import collection
from registry.exceptions import BadInputError, DuplicateNameError, NotFoundError
from registry.models import Experiment, ExperimentTag
from registry.services.experiments import create_experiment, delete_experiment, restore_experiment

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo")]


def test_an_experiment_is_created_in_both_stores() -> None:
    experiment = create_experiment(
        name="Größe ✓", description="d", tags={"team": "a.b"}, custom={"goal": {"min.accuracy": 0.9}}
    )
    document = collection("experiments").find_one({"_id": experiment.experiment_id})
    assert document is not None
    assert document["name"] == "Größe ✓"
    assert document["tags"] == [{"k": "team", "v": "a.b"}]
    assert document["custom"] == {"goal": {"min%2Eaccuracy": 0.9}}
    experiment.refresh_from_db()
    assert experiment.body_version == experiment.version == 1


def test_a_taken_name_is_refused_with_the_state_of_its_owner() -> None:
    create_experiment(name="e")
    with pytest.raises(DuplicateNameError, match=r"named 'e' \(active\)"):
        create_experiment(name="e")
    delete_experiment(name="e")
    with pytest.raises(DuplicateNameError, match="restore it"):
        create_experiment(name="e")
    assert collection("experiments").count_documents({}) == 1


def test_a_deleted_experiment_is_marked_in_both_stores_and_can_be_restored() -> None:
    experiment = create_experiment(name="e")
    delete_experiment(name="e")
    found = collection("experiments").find_one({"_id": experiment.experiment_id})
    assert found is not None
    assert found["deleted"] is True
    assert restore_experiment(name="e").deleted_at is None


def test_an_experiment_that_is_not_there_can_not_be_deleted() -> None:
    with pytest.raises(NotFoundError, match="no experiment named 'x'"):
        delete_experiment(name="x")


@pytest.mark.parametrize(
    "details",
    [{"name": ""}, {"name": "a\x00"}, {"name": "x" * 256}, {"name": "e", "tags": {"": "x"}},
     {"name": "e", "custom": {"x": object()}}, {"name": "e", "description": "\ud800"}],
)  # fmt: skip
def test_bad_input_stores_nothing(details: dict[str, object]) -> None:
    with pytest.raises(BadInputError):
        create_experiment(**details)
    assert (Experiment.objects.count(), ExperimentTag.objects.count()) == (0, 0)
    assert collection("experiments").count_documents({}) == 0
