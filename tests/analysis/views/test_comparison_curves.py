import pytest
from django.test import Client
from django.urls import reverse

from registry.models import TrainingRun
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from registry.services.permissions import grant_permission
from registry.services.runs import end_run, start_run
from tests.factories import ExperimentFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo")]
ADDRESS = reverse("analysis:comparison-curves")


@pytest.fixture
def run() -> TrainingRun:
    run = start_run(experiment=ExperimentFactory.create().name, config={"lr": 0.1})
    points = [MetricSample("loss", value, step, 1_000 * step) for step, value in enumerate([3.0, 1.0, 2.0])]
    log_metrics(run_id=run.run_id, points=points)
    return end_run(run_id=run.run_id)


def test_the_points_are_those_that_the_page_draws(reader: Client, run: TrainingRun) -> None:
    query = {"run": run.run_id, "smooth": "0.9", "x": "relative"}
    (chart,) = reader.get(ADDRESS, query).json()["charts"]
    assert (chart["metric"], chart["absent"], chart["x"]["kind"]) == ("loss", [], "time")
    raw, smooth = chart["lines"]
    assert (raw["mark"], raw["x"], raw["y"], raw["faint"]) == (run.run_id, [0, 1, 2], [3, 1, 2], True)
    assert smooth["y"][0] == 3
    assert str(smooth["y"][1]) in reader.get(reverse("analysis:run-comparison"), query).text


def test_one_who_has_them_already_is_told_so(reader: Client, run: TrainingRun) -> None:
    first = reader.get(ADDRESS, {"run": run.run_id}, headers={"accept-encoding": "gzip"})
    assert (first["Cache-Control"], first["Content-Type"]) == ("private, no-cache", "application/json")
    again = reader.get(ADDRESS, {"run": run.run_id}, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_run_that_one_may_not_read_has_no_curve(client: Client, run: TrainingRun) -> None:
    ada = UserFactory.create()
    grant_permission(experiment=run.experiment, user=ada, level="NO_PERMISSIONS", by=None)
    client.force_login(ada)
    assert client.get(ADDRESS, {"run": run.run_id}).json() == {"charts": []}
