from typing import Any

import pytest

from analysis.queries.comparison.runs import compared_runs
from registry.services.permissions import grant_permission
from tests.factories import RunFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_runs_come_in_the_order_asked_for_each_with_its_look() -> None:
    first, second = RunFactory.create(name="a", created_by=UserFactory(username="ada")), RunFactory.create()
    found = compared_runs([second.run_id, "0" * 32, first.run_id], viewer=UserFactory.create())
    assert [run.run_id for run in found] == [second.run_id, first.run_id]
    assert [run.look for run in found] == [0, 1]
    assert (found[1].label, found[1].owner, found[1].dataset) == ("a", "ada", first.dataset)
    assert (found[0].owner, found[0].is_deleted) == ("", False)


def test_runs_of_one_name_are_told_apart_by_their_ids() -> None:
    runs = [RunFactory.create(name="net") for _ in range(2)]
    found = compared_runs([run.run_id for run in runs], viewer=UserFactory.create())
    assert [run.label for run in found] == [f"net · {run.run_id[:6]}" for run in runs]


def test_a_run_in_the_bin_is_shown_and_one_that_is_purged_is_not() -> None:
    binned, purged = (
        RunFactory.create(lifecycle=lifecycle, deleted_at="2026-01-02T00:00Z")
        for lifecycle in ("deleted", "purging")
    )
    found = compared_runs([binned.run_id, purged.run_id], viewer=UserFactory.create())
    assert [(run.run_id, run.is_deleted) for run in found] == [(binned.run_id, True)]


def test_a_run_that_the_viewer_may_not_read_is_not_there() -> None:
    run, ada = RunFactory.create(), UserFactory.create()
    grant_permission(experiment=run.experiment, user=ada, level="NO_PERMISSIONS", by=None)
    assert compared_runs([run.run_id], viewer=ada) == []


def test_no_run_takes_no_statement(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert compared_runs([], viewer=UserFactory.build()) == []
