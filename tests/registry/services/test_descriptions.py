import pytest
from django.test import Client
from django.urls import reverse

from registry.documents.connection import collection
from registry.exceptions import BadInputError, NotFoundError
from registry.models import AuditEntry
from registry.services.descriptions import describe_dataset, describe_experiment, describe_model
from registry.services.experiments import create_experiment
from tests.factories import DatasetFactory, RegisteredModelFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo", "redis_keys")]


def body_text(experiment_id: str) -> str:
    document = collection("experiments").find_one({"_id": experiment_id})
    assert document is not None
    return str(document["description"])


def test_an_experiments_description_changes_in_both_stores() -> None:
    experiment = create_experiment(name="e", description="old")
    for _ in range(2):
        changed = describe_experiment(experiment_id=experiment.experiment_id, description="new")
    assert (changed.version, body_text(experiment.experiment_id)) == (2, "new")


def test_a_description_changed_in_the_admin_reaches_mongodb(admin_client: Client) -> None:
    experiment = create_experiment(name="e", description="old")
    form = {
        "description": "by hand", "permissions-TOTAL_FORMS": 0, "permissions-INITIAL_FORMS": 0,
    }  # fmt: skip
    address = reverse("admin:registry_experiment_change", args=[experiment.pk])
    assert admin_client.post(address, form).status_code == 302
    assert body_text(experiment.experiment_id) == "by hand"
    entry = AuditEntry.objects.get(action="experiment.describe")
    assert (entry.username, entry.channel) == ("admin", "web")


def test_datasets_and_models_are_described_and_it_is_on_record() -> None:
    DatasetFactory(name="d")
    RegisteredModelFactory(name="m")
    assert describe_dataset(name="d", description="rows").description == "rows"
    assert describe_model(name="m", description="forest").description == "forest"
    describe_model(name="m", description="forest")
    assert sorted(AuditEntry.objects.values_list("action", flat=True)) == [
        "dataset.describe",
        "model.describe",
    ]


def test_what_is_not_there_or_can_not_be_stored_is_refused() -> None:
    for call in (
        lambda: describe_experiment(experiment_id="0" * 32, description=""),
        lambda: describe_dataset(name="none", description=""),
    ):
        with pytest.raises(NotFoundError):
            call()
    with pytest.raises(BadInputError):
        describe_model(name="m", description="\x00")
