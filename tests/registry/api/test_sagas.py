from collections.abc import Callable
from typing import Any

import pytest

from registry.models import Dataset, TrainingRun
from registry.services.permissions import grant_permission
from tests.factories import DatasetFactory, ExperimentFactory, ModelVersionFactory, RunFactory

from .conftest import Api

pytestmark = pytest.mark.django_db


def purge_dataset(api: Api, dataset: Dataset, **body: Any) -> Any:
    return api.post(f"datasets/{dataset.name}/purge", body)


def test_a_purged_run_is_gone_and_its_saga_can_be_followed(api: Api, api_of: Callable[..., Api]) -> None:
    run = RunFactory.create(experiment=ExperimentFactory.create(created_by=api.user))
    begun = api.post(f"runs/{run.run_id}/purge")
    assert begun.status_code == 202
    saga = begun.json()["saga"]
    assert (saga["kind"], saga["subject"], saga["state"]) == ("run.purge", run.run_id, "done")
    assert api.get(f"sagas/{saga['saga_id']}").json()["saga"] == saga
    assert api_of().get(f"sagas/{saga['saga_id']}").status_code == 404
    assert api.get(f"runs/{run.run_id}").status_code == 404


def test_a_run_that_a_model_was_made_from_stays(api: Api) -> None:
    run = RunFactory.create(experiment=ExperimentFactory.create(created_by=api.user))
    ModelVersionFactory.create(run=run)
    assert api.post(f"runs/{run.run_id}/purge").json()["error"]["code"] == "conflict"
    assert TrainingRun.objects.count() == 1


def test_a_dataset_with_another_s_runs_stays(api: Api) -> None:
    dataset = DatasetFactory.create(created_by=api.user)
    run = RunFactory.create(dataset=dataset)
    assert purge_dataset(api, dataset).status_code == 409
    assert purge_dataset(api, dataset, with_runs=True).status_code == 403
    grant_permission(experiment=run.experiment, user=api.user, level="MANAGE", by=None)
    assert purge_dataset(api, dataset, with_runs=True).status_code == 202
    assert (Dataset.objects.count(), TrainingRun.objects.count()) == (0, 0)


def test_another_s_dataset_stays(api: Api) -> None:
    dataset = DatasetFactory.create()
    assert purge_dataset(api, dataset).status_code == 403
    assert api.post("datasets/none/purge").status_code == 404
    assert purge_dataset(api, dataset, with_runs="yes").status_code == 400


def test_what_another_has_live_is_not_replaced(api: Api, api_of: Callable[..., Api]) -> None:
    body = {"model": "m", "version": 1, "environment": "staging"}
    theirs = ModelVersionFactory.create(model__name="m", number=1)
    assert api.post("deployments", body).status_code == 403
    grant_permission(experiment=theirs.run.experiment, user=api.user, level="EDIT", by=None)
    assert api.post("deployments", body | {"environment": "moon"}).status_code == 400
    assert api.post("deployments", body | {"version": 2}).status_code == 404
