"""Experiments by filter, order and page, through the API."""

from typing import Any

import pytest

from registry.models import Experiment, ExperimentPermission, ExperimentTag
from tests.factories import UserFactory

from .conftest import Mlflow


@pytest.fixture
def three(mlflow: Mlflow) -> None:
    """Three experiments of the user's, and nothing else but the default one."""
    mlflow.get("experiments/get", experiment_id="0")
    for number, name in enumerate("abc", start=1):
        made = Experiment.objects.create(name=name, created_by=mlflow.user)
        Experiment.objects.filter(pk=made.pk).update(created_at=f"2036-01-0{number} 00:00:00Z")
        ExperimentTag.objects.create(experiment=made, key="team", value=name)


def names(mlflow: Mlflow, **fields: Any) -> list[str]:
    found = mlflow.post("experiments/search", **{"max_results": 100, **fields})
    return [each["name"] for each in found.get("experiments", [])]


FOUND: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["c", "b", "a", "Default"]),
    ({"filter": "name = 'b'"}, ["b"]),
    ({"filter": "name LIKE '_' AND tags.team != 'a'"}, ["c", "b"]),
    ({"filter": "attribute.name ILIKE 'DEF%'"}, ["Default"]),
    ({"filter": "tags.team IS NULL"}, ["Default"]),
    ({"filter": "tags.team IS NOT NULL", "order_by": ["name ASC"]}, ["a", "b", "c"]),
    ({"filter": "experiment_id = '0'"}, ["Default"]),
    ({"filter": "creation_time > 2082758400000", "order_by": ["creation_time"]}, ["b", "c"]),
    ({"filter": "name = 'a' OR tags.team = 'c'", "order_by": ["name DESC"]}, ["c", "a"]),
    ({"order_by": ["last_update_time DESC", "name"], "filter": "name IN ('a')"}, ["a"]),
]


@pytest.mark.usefixtures("three")
def test_a_filter_and_an_order_find_experiments(mlflow: Mlflow) -> None:
    assert [(fields, names(mlflow, **fields)) for fields, _ in FOUND] == FOUND


@pytest.mark.usefixtures("three")
def test_experiments_are_paged_and_come_with_their_tags(mlflow: Mlflow) -> None:
    first = mlflow.get("experiments/search", max_results=1)
    assert first["experiments"][0]["tags"] == [{"key": "team", "value": "c"}]
    second = mlflow.get("experiments/search", max_results=5, page_token=first["next_page_token"])
    assert [each["name"] for each in second["experiments"]] == ["b", "a", "Default"]
    assert "next_page_token" not in second


@pytest.mark.usefixtures("three")
def test_a_view_chooses_the_lifecycle_and_what_may_not_be_read_is_not_there(
    mlflow: Mlflow, mlflow_of: Any
) -> None:
    Experiment.objects.filter(name="b").update(lifecycle="deleted", deleted_at="2026-01-01T00:00:00Z")
    assert names(mlflow) == ["c", "a", "Default"]
    assert names(mlflow, view_type="DELETED_ONLY") == ["b"]
    assert names(mlflow, view_type=3) == ["c", "b", "a", "Default"]
    stranger = UserFactory.create()
    hidden = Experiment.objects.get(name="c")
    ExperimentPermission.objects.create(experiment=hidden, user=stranger, level="NO_PERMISSIONS")
    assert names(mlflow_of(stranger)) == ["a", "Default"]


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"max_results": 0}, "positive integer"),
    ({"filter": "metrics.a > 1"}, "Invalid entity type 'metrics'"),
    ({"filter": "tags.a = 5"}, "Expected a quoted text"),
    ({"order_by": ["tags.a"]}, "Invalid order_by entity"),
    ({"order_by": ["name", "name"]}, "duplicate fields"),
    ({"page_token": "x"}, "Invalid page token"),
]


def test_a_wrong_search_is_refused(mlflow: Mlflow) -> None:
    for fields, why in REFUSED:
        status, code, message = mlflow.refused("POST", "experiments/search", {"max_results": 5} | fields)
        assert (status, code, why in message) == (400, "INVALID_PARAMETER_VALUE", True), message
