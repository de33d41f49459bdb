import pytest
from django.utils import timezone

from analysis.queries.run_choices import run_choices
from registry.enums import Lifecycle
from tests.factories import DatasetFactory, ExperimentFactory, RunFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_choices_are_names_in_order_each_once() -> None:
    ExperimentFactory(name="b")
    ExperimentFactory(name="gone", lifecycle=Lifecycle.DELETED, deleted_at=timezone.now())
    experiment, dataset = ExperimentFactory(name="a"), DatasetFactory(name="d")
    for framework in ("torch", "", "sklearn", "torch"):
        RunFactory(experiment=experiment, dataset=dataset, framework=framework)
    choices = run_choices(UserFactory())
    assert choices.experiments == ["a", "b"]
    assert choices.datasets == ["d"]
    assert choices.frameworks == ["sklearn", "torch"]


def test_no_runs_leave_nothing_to_choose() -> None:
    assert run_choices(UserFactory()).frameworks == []
