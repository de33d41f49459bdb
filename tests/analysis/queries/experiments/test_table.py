from typing import Any

import pytest
from django.contrib.auth.models import User

from analysis.queries.experiments import figures
from analysis.queries.experiments.table import ExperimentFilter, ExperimentPage, experiment_page
from registry.enums import RunStatus
from registry.exceptions import BadInputError
from registry.filters import FilterError
from registry.models import Experiment
from registry.services.experiments import delete_experiment, set_experiment_tags
from registry.services.permissions import grant_permission
from tests.factories import ExperimentFactory, RunFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return UserFactory.create(username="ada")


def page(viewer: User, **wanted: str) -> ExperimentPage:
    return experiment_page(ExperimentFilter(**wanted), viewer=viewer)


def names(found: ExperimentPage) -> list[str]:
    return [row.experiment.name for row in found.rows]


def test_an_experiment_is_told_with_its_runs_in_short(ada: User) -> None:
    experiment = ExperimentFactory.create(name="churn", created_by=ada)
    best = RunFactory.create(experiment=experiment, name="best", accuracy=0.9)
    RunFactory.create(experiment=experiment, accuracy=0.8)
    RunFactory.create(experiment=experiment, accuracy=0.99, status=RunStatus.FAILED)
    set_experiment_tags(experiment_id=experiment.experiment_id, tags={"team": "risk"})
    (row,) = page(ada).rows
    assert row.tags == [("team", "risk")]
    told = row.figures
    assert (told.owner, told.level_name, told.runs, told.has_more_runs) == ("ada", "manage", 3, False)
    assert told.shares == [("finished", 2), ("failed", 1)]
    assert (told.best_run_id, told.best_name, told.best_accuracy) == (best.run_id, "best", 0.9)
    assert told.last_at is not None


def test_an_experiment_without_runs_has_no_figures(ada: User) -> None:
    ExperimentFactory.create()
    (row,) = page(ada).rows
    assert (row.figures.runs, row.figures.shares, row.figures.best_run_id) == (0, [], "")
    assert (row.figures.last_at, row.figures.best_accuracy) == (None, None)


def test_runs_are_counted_up_to_a_bound(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "COUNT_UP_TO", 1)
    RunFactory.create_batch(3, experiment=ExperimentFactory.create())
    (row,) = page(ada).rows
    assert (row.figures.runs, row.figures.has_more_runs) == (2, True)


def test_a_part_of_the_name_or_a_filter_narrows_the_list(ada: User) -> None:
    for name in ("churn-2025", "churn-2026", "fraud"):
        ExperimentFactory.create(name=name)
    assert names(page(ada, text="CHURN", sort="name")) == ["churn-2025", "churn-2026"]
    assert names(page(ada, text="name = 'fraud' OR name LIKE '%25'", sort="name")) == ["churn-2025", "fraud"]
    assert names(page(ada, text="churn_2025")) == []
    assert names(page(ada, text="  ", sort="name")) == ["churn-2025", "churn-2026", "fraud"]


def test_a_filter_that_cannot_be_read_says_where(ada: User) -> None:
    with pytest.raises(FilterError, match=r"\^"):
        page(ada, text="name = ")
    with pytest.raises(BadInputError, match="No name"):
        page(ada, text="a\x00b")


def test_archived_experiments_have_their_own_view(ada: User) -> None:
    ExperimentFactory.create(name="kept")
    ExperimentFactory.create(name="gone")
    delete_experiment(name="gone")
    assert names(page(ada)) == ["kept"]
    assert names(page(ada, view="archived")) == ["gone"]
    assert names(page(ada, view="all", sort="name")) == ["gone", "kept"]


def test_pages_follow_each_other_and_a_foreign_cursor_begins_anew(ada: User) -> None:
    for name in "abc":
        ExperimentFactory.create(name=name)
    wanted = ExperimentFilter(sort="name")
    first = experiment_page(wanted, viewer=ada, size=2)
    second = experiment_page(wanted, viewer=ada, cursor=first.next_cursor, size=2)
    assert (names(first), names(second), second.next_cursor) == (["a", "b"], ["c"], "")
    assert names(experiment_page(wanted, viewer=ada, cursor="forged", size=1)) == ["a"]


def test_what_the_viewer_may_not_read_is_not_listed(ada: User) -> None:
    hidden = RunFactory.create(experiment__name="hidden").experiment
    grant_permission(experiment=hidden, user=ada, level="NO_PERMISSIONS", by=None)
    ExperimentFactory.create(name="open")
    assert names(page(ada)) == ["open"]


def test_the_viewers_own_level_is_told(ada: User) -> None:
    experiment = ExperimentFactory.create()
    grant_permission(experiment=experiment, user=ada, level="EDIT", by=None)
    assert page(ada).rows[0].figures.level_name == "edit"
    root = User.objects.create_superuser("root")
    assert page(root).rows[0].figures.level_name == "manage"
    assert page(UserFactory.create()).rows[0].figures.level_name == "read"


@pytest.mark.parametrize("count", [1, 3])
def test_the_statements_do_not_grow_with_the_rows(
    ada: User, count: int, django_assert_num_queries: Any
) -> None:
    for experiment in ExperimentFactory.create_batch(count):
        RunFactory.create(experiment=experiment)
    assert Experiment.objects.count() == count
    with django_assert_num_queries(4):
        page(ada)
