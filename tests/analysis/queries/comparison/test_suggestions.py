import pytest

from analysis.queries.comparison.runs import compared_runs
from analysis.queries.comparison.suggestions import suggestions
from registry.services.permissions import grant_permission
from tests.factories import ExperimentFactory, RunFactory, UserFactory

pytestmark = pytest.mark.django_db


def found(find: str = "", beside: list[str] | None = None) -> list[str]:
    viewer = UserFactory.create()
    there = compared_runs(beside or [], viewer=viewer)
    return [each.name for each in suggestions(find, beside=there, viewer=viewer)]


def test_the_newest_runs_are_suggested_first_and_at_most_twelve() -> None:
    names = [RunFactory.create().name for _ in range(13)]
    assert found() == names[:0:-1]


def test_beside_runs_stand_others_of_their_experiment() -> None:
    experiment = ExperimentFactory.create()
    one, other = (RunFactory.create(experiment=experiment) for _ in range(2))
    RunFactory.create()
    assert found(beside=[one.run_id]) == [other.name]


def test_runs_are_found_by_a_part_of_their_name_or_model_or_by_their_id() -> None:
    run = RunFactory.create(run_id="abc123" + "0" * 26, name="wide-net", model_name="mlp")
    RunFactory.create(run_id="f" * 32, name="else")
    for find in ("IDE-N", "mlp", run.run_id, "ABC1", " abc123-00 "):
        assert found(find) == ["wide-net"]
    assert found("nothing like it") == []


def test_what_the_viewer_may_not_read_and_what_is_in_the_bin_is_not_suggested() -> None:
    ada, hidden = UserFactory.create(), RunFactory.create()
    grant_permission(experiment=hidden.experiment, user=ada, level="NO_PERMISSIONS", by=None)
    RunFactory.create(lifecycle="deleted", deleted_at="2026-01-02T00:00Z")
    assert suggestions("", beside=[], viewer=ada) == []
