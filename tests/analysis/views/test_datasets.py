"""The pages of datasets."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from registry.enums import DeploymentStatus, Environment
from registry.models import DatasetParent, Deployment
from tests.factories import DatasetFactory, ModelVersionFactory, RunFactory

pytestmark = pytest.mark.django_db
ODD = ["a/b", "a b", 'say "hi"', "<b>bold</b>", "größe?#%20", "/", "a//", "..x", "newline\nend"]


def html(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


@pytest.mark.parametrize("name", ODD)
def test_a_dataset_has_a_page_whatever_its_name(reader: Client, name: str) -> None:
    DatasetFactory.create(name=name)
    response = reader.get(reverse("analysis:dataset-detail", args=[name]))
    assert response.context["dataset"].name == name
    assert "<b>bold" not in response.content.decode()


def test_there_is_no_page_of_what_is_not_there(reader: Client) -> None:
    html(reader, "/datasets/none/", 404)
    html(reader, "/datasets/a%00b/", 404)


def test_the_list_links_datasets_and_their_best_runs(reader: Client) -> None:
    run = RunFactory.create(dataset__name="wine", accuracy=0.875)
    page = html(reader, "/datasets/")
    assert "/datasets/wine/" in page
    assert f"/runs/{run.run_id}/" in page
    assert "No dataset matches" in html(reader, "/datasets/?q=none")
    html(reader, "/datasets/?sort=nonsense", 400)


def test_an_empty_list_says_what_to_do(reader: Client) -> None:
    assert "create_dataset" in html(reader, "/datasets/")


def test_lineage_is_drawn_and_told_as_a_list(reader: Client) -> None:
    run = RunFactory.create(dataset__name="wine")
    wine = run.dataset
    for number in range(9):
        DatasetParent.objects.create(child=wine, parent=DatasetFactory.create(name=f"raw-{number}"))
    DatasetParent.objects.create(child=DatasetFactory.create(name="child"), parent=wine)
    version = ModelVersionFactory.create(run=run, model__name="churn", number=3)
    Deployment.objects.create(
        model=version.model, version=version, environment=Environment.STAGING, status=DeploymentStatus.LIVE
    )
    page = html(reader, "/datasets/wine/")
    assert 'aria-label="Lineage of wine"' in page
    assert "<title>parent: raw-0</title>" in page
    assert "and 2 more" in page
    assert "churn: staging" in page
    assert "live in staging" in page


def test_a_dataset_that_stands_alone_says_so(reader: Client) -> None:
    DatasetFactory.create(name="wine", profile="13 columns of numbers", schema={"columns": {"alcohol": "f8"}})
    page = html(reader, "/datasets/wine/")
    assert "It stands alone" in page
    assert "Nothing was trained on it yet" in page
    assert "13 columns of numbers" in page
    assert "alcohol" in page


def test_a_model_without_an_address_is_drawn_all_the_same(reader: Client) -> None:
    run = RunFactory.create(dataset__name="wine")
    ModelVersionFactory.create(run=run, model__name="team/churn", number=1)
    assert '<g class="lineage-model">' in html(reader, "/datasets/wine/")


def test_a_child_dataset_has_its_own_column(reader: Client) -> None:
    wine = DatasetFactory.create(name="wine")
    DatasetParent.objects.create(child=DatasetFactory.create(name="child"), parent=wine)
    assert "Datasets of it" in html(reader, "/datasets/wine/")


@pytest.mark.parametrize("count", [1, 3])
def test_the_pages_take_as_many_statements_for_one_run_as_for_three(
    reader: Client, count: int, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    dataset = DatasetFactory.create(name="wine")
    RunFactory.create_batch(count, dataset=dataset)
    DatasetFactory.create_batch(count - 1)
    with django_assert_num_queries(3):
        html(reader, "/datasets/")
    with django_assert_max_num_queries(10):
        html(reader, "/datasets/wine/")
