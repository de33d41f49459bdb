from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User

from analysis.queries.datasets.table import DatasetPage, dataset_page
from registry.enums import RunStatus
from registry.services.permissions import grant_permission
from tests.factories import DatasetFactory, RunFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return UserFactory.create(username="ada")


def names(page: DatasetPage) -> list[str]:
    return [row.dataset.name for row in page.rows]


def test_a_dataset_is_told_with_its_runs_in_short(ada: User) -> None:
    wine = DatasetFactory.create(name="wine")
    best = RunFactory.create(dataset=wine, name="best", accuracy=0.9, created_by=ada)
    RunFactory.create(dataset=wine, accuracy=0.7)
    RunFactory.create(dataset=wine, accuracy=0.99, status=RunStatus.FAILED)
    (row,) = dataset_page(viewer=ada).rows
    told = row.figures
    assert (told.runs, told.has_more_runs, told.scores) == (3, False, [0.9, 0.7])
    assert (told.best_run_id, told.best_name, told.best_accuracy) == (best.run_id, "best", 0.9)
    assert told.best_by == "ada"


def test_names_and_digests_are_searched(ada: User) -> None:
    DatasetFactory.create(name="wine", digest="ab12")
    DatasetFactory.create(name="100%_sure", digest="cd34")
    assert names(dataset_page(viewer=ada, text="WIN")) == ["wine"]
    assert names(dataset_page(viewer=ada, text="%")) == ["100%_sure"]
    assert names(dataset_page(viewer=ada, text="CD3")) == ["100%_sure"]
    assert names(dataset_page(viewer=ada, text="d34")) == []


@pytest.mark.parametrize(
    ("sort", "first", "rest"),
    [("name", "a", ["b", "c"]), ("newest", "b", ["c", "a"]), ("largest", "c", ["a", "b"])],
)
def test_pages_follow_each_other_in_every_order(ada: User, sort: str, first: str, rest: list[str]) -> None:
    for name, rows in (("a", 2), ("c", 3), ("b", None)):
        DatasetFactory.create(name=name, row_count=rows)
    page = dataset_page(viewer=ada, sort=sort, size=1)
    assert names(page) == [first]
    following = dataset_page(viewer=ada, sort=sort, cursor=page.next_cursor, size=2)
    assert (names(following), following.next_cursor) == (rest, "")


def test_a_foreign_cursor_begins_anew(ada: User) -> None:
    DatasetFactory.create(name="a")
    assert names(dataset_page(viewer=ada, cursor="forged")) == ["a"]


@pytest.mark.parametrize("default", ["READ", "NO_PERMISSIONS"])
def test_runs_that_the_viewer_may_not_read_are_not_counted(
    ada: User, default: str, settings: LazySettings
) -> None:
    settings.DEFAULT_EXPERIMENT_PERMISSION = default
    wine = DatasetFactory.create()
    hidden = RunFactory.create(dataset=wine, accuracy=0.99).experiment
    grant_permission(experiment=hidden, user=ada, level="NO_PERMISSIONS", by=None)
    granted = RunFactory.create(dataset=wine, accuracy=0.5)
    grant_permission(experiment=granted.experiment, user=ada, level="READ", by=None)
    RunFactory.create(dataset=wine, accuracy=0.4, experiment__created_by=ada)
    (row,) = dataset_page(viewer=ada).rows
    assert (row.figures.runs, row.figures.scores, row.figures.best_accuracy) == (2, [0.5, 0.4], 0.5)
    (whole,) = dataset_page(viewer=User.objects.create_superuser("root")).rows
    assert whole.figures.runs == 3


@pytest.mark.parametrize("count", [1, 3])
def test_the_statements_do_not_grow_with_the_rows(
    ada: User, count: int, django_assert_num_queries: Any
) -> None:
    for dataset in DatasetFactory.create_batch(count):
        RunFactory.create(dataset=dataset)
    with django_assert_num_queries(2):
        assert len(dataset_page(viewer=ada).rows) == count
