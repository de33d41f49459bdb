import re

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from features.queries import boards
from features.services.boards import rebuild_boards
from registry.models import Dataset, Experiment
from registry.services.permissions import grant_permission
from registry.sync.reconcile.promises import promise_runs
from tests.factories import DatasetFactory, ExperimentFactory, MetricFactory, RunFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_keys")]
URL = reverse("analysis:leaderboard")


@pytest.fixture
def dataset() -> Dataset:
    """Three runs, the most accurate with the greatest loss, in two experiments."""
    dataset = DatasetFactory.create(name="wine")
    for name, accuracy, loss in (("low", 0.7, 0.1), ("middle", 0.8, 0.2), ("high", 0.9, 0.3)):
        experiment = ExperimentFactory.create(name=f"with {name}")
        run = RunFactory.create(
            dataset=dataset, name=name, accuracy=accuracy, loss=loss, experiment=experiment
        )
        MetricFactory.create(run=run, key="f1", latest_value=1 - accuracy)
    assert list(rebuild_boards())
    return dataset


def page(reader: Client, expected: int = 200, **query: object) -> str:
    response = reader.get(URL, query)
    assert response.status_code == expected
    return response.content.decode()


def shown(html: str) -> list[tuple[str, str]]:
    """Rank and name of each row."""
    return re.findall(r'<td class="num">(\d+)</td>\s*<th scope="row">\s*<a href="[^"]+">([^<]+)<', html)


def hide(experiment: str) -> None:
    grant_permission(
        experiment=Experiment.objects.get(name=experiment),
        user=User.objects.get(),
        level="NO_PERMISSIONS",
        by=None,
    )


def test_an_empty_record_says_how_to_log_the_first_run(reader: Client) -> None:
    assert "No runs yet" in page(reader)


def test_the_best_by_any_metric_come_first_whichever_way_is_up(reader: Client, dataset: Dataset) -> None:
    ranked = [("1", "high"), ("2", "middle"), ("3", "low")]
    assert shown(page(reader)) == ranked
    assert shown(page(reader, dataset="wine", metric="accuracy")) == ranked
    reverse = [("1", "low"), ("2", "middle"), ("3", "high")]
    assert shown(page(reader, metric="loss")) == shown(page(reader, metric="f1")) == reverse
    assert "every change has arrived" in page(reader)


def test_runs_that_may_not_be_read_do_not_count(reader: Client, dataset: Dataset) -> None:
    hide("with high")
    assert shown(page(reader)) == [("1", "middle"), ("2", "low")]


def test_where_most_of_the_best_may_not_be_read_postgresql_ranks(
    reader: Client, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    hide("with high")
    monkeypatch.setattr(boards, "SPARE", 1)
    viewer = User.objects.get()
    found = boards.board(dataset="wine", viewer=viewer, limit=2)
    assert ([each.name for each in found.rows], found.source) == (["middle", "low"], "postgresql")
    found = boards.board(dataset="wine", viewer=viewer, limit=3)
    assert ([each.rank for each in found.rows], found.source, found.size) == ([1, 2], "redis", 2)
    assert boards.board(dataset="wine", limit=1).size == 3
    assert boards.board(dataset="wine", limit=1, viewer=viewer).size is None


@pytest.mark.parametrize("metric", ["accuracy", "loss", "f1"])
def test_without_redis_postgresql_says_the_same(
    reader: Client, dataset: Dataset, metric: str, settings: LazySettings
) -> None:
    run = RunFactory.create(dataset=dataset, name="no number", loss=float("nan"), accuracy=None)
    MetricFactory.create(run=run, key="f1", latest_value=float("nan"))
    there = page(reader, metric=metric)
    settings.REDIS_KEY_PREFIX = "other_test"
    html = page(reader, metric=metric, dataset="wine")
    assert shown(html) == shown(there)
    assert "manage.py leaderboard rebuild" in html


def test_what_redis_has_yet_to_hear_of_is_told(reader: Client, dataset: Dataset) -> None:
    promise_runs({"0" * 32: 1})
    assert "1 change of runs still on the way" in page(reader)


def test_a_metric_without_boards_is_not_found_and_an_empty_board_says_why(
    reader: Client, dataset: Dataset
) -> None:
    assert "has no leaderboards" not in page(reader, 404, metric="colour")
    assert "Nobody stands here yet" in page(reader, dataset="wine", metric="r2")
    assert "Nobody stands here yet" in page(reader, dataset="no such data")


def test_the_number_of_queries_does_not_grow_with_the_runs(reader: Client, dataset: Dataset) -> None:
    with CaptureQueriesContext(connection) as few:
        page(reader)
    for _ in range(7):
        RunFactory.create(dataset=dataset)
    assert list(rebuild_boards())
    with CaptureQueriesContext(connection) as many:
        assert len(shown(page(reader))) == 10
    assert len(few) == len(many) <= 8
