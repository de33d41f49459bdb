import math

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from registry.artifacts import storage
from registry.models import ModelAlias, RegisteredModel
from registry.services.artifacts import log_artifact, log_owned_artifact
from registry.services.deployments import deploy
from registry.services.model_versions import set_version_tag
from tests.analysis.views.model_worlds import ODD, model_with_versions, version_with_files, visitor
from tests.factories import LoggedModelFactory, ModelVersionFactory

pytestmark = pytest.mark.django_db
MLMODEL = b"""
artifact_path: model
flavors:
  sklearn: {sklearn_version: 1.9.1, pickled_model: model.skops}
  python_function: 3
mlflow_version: 3.17.2
signature:
  inputs: '[{"name": "age", "type": "double"}, {"type": "tensor", "tensor-spec": {"dtype": "f8", "shape": [-1]}}, 7]'
  outputs: '[{"name": "churn", "type": "long"}]'
"""


def page(client: Client, number: int = 1, name: str = "churn", expected: int = 200) -> str:
    response = client.get(reverse("analysis:model-version", args=[name, number]))
    assert response.status_code == expected
    return " ".join(response.content.decode().split())


@pytest.fixture
def churn() -> RegisteredModel:
    return model_with_versions("churn", 3)


def test_a_version_is_measured_against_the_one_that_is_live(churn: RegisteredModel) -> None:
    deploy(model="churn", version=2, environment="production")
    client = visitor("READ", churn)
    html = page(client, 1)
    assert "0.01 worse" in html
    assert "+0.01 worse" in html
    assert "Live v2" in html
    runs = [version.run.run_id for version in churn.versions.order_by("number")[:2]]
    assert f"/compare/?run={runs[0]}&amp;run={runs[1]}&amp;base={runs[1]}" in html
    assert "+0.01 better" in page(client, 3)
    html = page(client, 2)
    assert "This is the version that is live." in html
    assert "Compare with" not in html


def test_equal_unknown_and_missing_values_have_no_verdict(churn: RegisteredModel) -> None:
    first, second = (churn.versions.get(number=number).run for number in (1, 2))
    first.metrics.filter(key="accuracy").update(latest_value=0.82)
    first.metrics.filter(key="loss").update(latest_value=math.nan)
    second.metrics.create(key="colour", latest_value=1, latest_step=0, latest_timestamp_ms=0)
    first.metrics.create(key="colour", latest_value=3, latest_step=0, latest_timestamp_ms=0)
    deploy(model="churn", version=2, environment="staging")
    html = page(visitor("READ", churn))
    assert "±0 same" in html
    assert '<span class="delta delta-open">+2' in html
    assert "NaN" in html


def test_lineage_tags_aliases_and_its_own_history_stand_there(churn: RegisteredModel) -> None:
    version = churn.versions.get(number=1)
    ModelAlias.objects.create(model=churn, alias="champion", version=version)
    set_version_tag(model="churn", version=1, key="features", value="rfm:recency, rfm:money,loose")
    set_version_tag(model="churn", version=1, key="team", value="risk")
    deploy(model="churn", version=1, environment="production")
    deploy(model="churn", version=2, environment="production")
    html = page(visitor("READ", churn))
    dataset = version.run.dataset.name
    for shown in (
        dataset,
        version.run.name,
        "@champion",
        "<dt>rfm</dt>",
        ">money<",
        "<dt>loose</dt>",
        "<dt>team</dt> <dd> risk </dd>",
        "Live in",
    ):
        assert shown in html
    assert "was replaced by version 2" in html
    assert "Move it" not in html
    html = page(visitor("EDIT", churn), 3)
    assert "Promote it to production" in html
    assert "Version 2 is live in production since" in html


def test_files_of_a_run_and_of_a_logged_model_can_be_downloaded(churn: RegisteredModel) -> None:
    logged = LoggedModelFactory.create(experiment=churn.versions.get(number=1).run.experiment)
    log_owned_artifact(owner=logged, path="sub/model.skops", content=b"logged")
    ModelVersionFactory.create(model=churn, number=4, run=logged.source_run, logged_model=logged)
    client = visitor("READ", churn)
    assert f"/runs/{churn.versions.get(number=1).run.run_id}/artifacts/model.bin" in page(client, 1)
    address = "/models/churn/versions/4/files/sub/model.skops"
    assert f'href="{address}"' in page(client, 4)
    assert b"".join(client.get(address)) == b"logged"
    assert client.get(address.replace("/4/", "/1/")).status_code == 404
    assert visitor("NO_PERMISSIONS", churn).get(address).status_code == 404
    storage.remove(logged.artifacts.get().sha256)
    assert client.get(address).status_code == 404


def test_mlmodel_tells_flavors_and_signature(churn: RegisteredModel) -> None:
    run = version_with_files(churn, 4).run
    log_artifact(run_id=run.run_id, path="model/MLmodel", content=MLMODEL)
    churn.versions.filter(number=4).update(artifact_path="model")
    client = visitor("READ", churn)
    html = page(client, 4)
    for shown in ("sklearn 1.9.1", "python_function", "mlflow 3.17.2", "<dt>age</dt>", "f8 [-1]", "Outputs"):
        assert shown in html
    log_artifact(run_id=run.run_id, path="model/MLmodel", content=b"\x00")
    assert "is no YAML" in page(client, 4)
    log_artifact(run_id=run.run_id, path="model/MLmodel", content=b"flavors: 3\nsignature: {inputs: 3}")
    assert "names no inputs and outputs" in page(client, 4)
    run.artifacts.filter(path="model/MLmodel").update(size_bytes=10**7)
    assert "too large to be shown" in page(client, 4)


def test_a_version_of_nothing_says_so(churn: RegisteredModel) -> None:
    ModelVersionFactory.create(model=churn, number=4, run=None)
    html = page(visitor("READ", churn), 4)
    for shown in ("none recorded", "No metrics", "No files"):
        assert shown in html


@pytest.mark.parametrize(("name", "number"), [("churn", 9), ("churn", 10**30), ("none", 1), ("a\x00b", 1)])
def test_a_version_that_is_not_there_is_not_found(churn: RegisteredModel, name: str, number: int) -> None:
    client = visitor("READ", churn)
    page(client, number, name, 404)
    assert client.get(reverse("analysis:version-file", args=[name, number, "a"])).status_code == 404


def test_a_version_that_may_not_be_read_is_not_found(churn: RegisteredModel) -> None:
    page(visitor("NO_PERMISSIONS", churn), expected=404)


def test_a_name_with_everything_in_it_has_versions() -> None:
    assert ODD.replace("'", "&#x27;").replace('"', "&quot;") in page(
        visitor("EDIT", model_with_versions(ODD, 1)), 1, ODD
    )


def test_the_number_of_statements_is_the_same_whatever_is_there(churn: RegisteredModel) -> None:
    deploy(model="churn", version=2, environment="production")
    client = visitor("EDIT", churn)
    with CaptureQueriesContext(connection) as few:
        page(client)
    run = churn.versions.get(number=1).run
    churn.versions.update(artifact_path="")
    for number in range(3):
        log_artifact(run_id=run.run_id, path=f"more/{number}", content=b"x")
        deploy(model="churn", version=1, environment="staging", endpoint=f"/{number}")
    with CaptureQueriesContext(connection) as many:
        page(client)
    assert len(few) == len(many) <= 10
