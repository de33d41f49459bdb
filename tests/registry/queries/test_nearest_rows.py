import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.models import TrainingRun
from registry.queries.nearest_rows import nearest_rows
from tests.factories import ExperimentFactory, RunFactory

pytestmark = pytest.mark.django_db
RUNS = TrainingRun.objects.select_related("experiment")


@pytest.fixture
def keys() -> list[int]:
    """Ten runs, the first five of which failed."""
    experiment = ExperimentFactory.create()
    statuses = ["FAILED"] * 5 + ["FINISHED"] * 5
    return [RunFactory.create(experiment=experiment, dataset=None, status=each).pk for each in statuses]


def found(walk: int, **place: int) -> list[int]:
    rows = RUNS.filter(status="FAILED")
    return [row.pk for row in nearest_rows(rows, count=3, walk=walk, **place)]


@pytest.mark.parametrize("walk", [1, 3, 7, 100])
def test_the_nearest_rows_are_found_however_far_one_walks(walk: int, keys: list[int]) -> None:
    assert found(walk) == [keys[4], keys[3], keys[2]]
    assert found(walk, before=keys[2]) == [keys[1], keys[0]]
    assert found(walk, before=keys[0]) == []
    assert found(walk, after=keys[0]) == [keys[1], keys[2], keys[3]]
    assert found(walk, after=keys[4]) == []


@pytest.mark.parametrize(("walk", "statements"), [(100, 2), (1, 4)])
def test_what_is_near_takes_two_statements(walk: int, statements: int, keys: list[int]) -> None:
    with CaptureQueriesContext(connection) as captured:
        found(walk)
    assert len(captured) == statements


@pytest.mark.parametrize("walk", [1, 100])
def test_a_condition_that_nothing_can_meet_finds_nothing(walk: int, keys: list[int]) -> None:
    assert nearest_rows(RUNS.none(), count=3, walk=walk) == []
    assert nearest_rows(RUNS.filter(name="no such"), count=3, walk=walk) == []


def test_an_empty_table_has_no_rows() -> None:
    assert nearest_rows(RUNS.all(), count=3) == []
