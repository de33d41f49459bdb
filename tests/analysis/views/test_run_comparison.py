import json
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from registry.models import TrainingRun
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from registry.services.permissions import grant_permission
from registry.services.run_log import log_epoch
from registry.services.runs import end_run, start_run
from tests.factories import ExperimentFactory, MetricFactory, ParamFactory, RunFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo", "redis_keys")]
URL = reverse("analysis:run-comparison")


def page(reader: Client, **query: object) -> str:
    response = reader.get(URL, query)
    assert response.status_code == 200
    return response.content.decode()


def make_runs(count: int) -> list[TrainingRun]:
    runs = RunFactory.create_batch(count)
    for n, run in enumerate(runs):
        ParamFactory.create(run=run, key="lr", value=str(n))
        log_metrics(run_id=run.run_id, points=[MetricSample("loss", 1 / (n + at), at, at) for at in (1, 2)])
    return runs


def ids(runs: list[TrainingRun]) -> list[str]:
    return [run.run_id for run in runs]


def statements(reader: Client, **query: object) -> int:
    with CaptureQueriesContext(connection) as captured:
        page(reader, **query)
    return len(captured)


def test_an_empty_comparison_says_how_to_pick_runs_and_offers_some(reader: Client) -> None:
    run = RunFactory.create(name="newest")
    html = page(reader)
    assert "Pick the runs to compare" in html
    assert f'name="add" value="{run.run_id}"' in re.sub(r"\s+", " ", html)


def test_runs_are_picked_in_the_page(reader: Client) -> None:
    one, other, third = make_runs(3)
    html = page(reader, run=[one.run_id, third.run_id], add=other.run_id, without=third.run_id)
    assert "2 runs side by side" in html
    assert f"Remove {other.name}" in html
    assert "No other run that you may read" in page(reader, run=one.run_id, find="nothing like it")


def test_an_unknown_run_is_named_beside_the_others(reader: Client) -> None:
    html = page(reader, run=[*ids(make_runs(1)), "0" * 32, "<b>nonsense"])
    assert "2 of the runs in the address are not shown" in html
    assert "&lt;b&gt;nonsense" in html
    assert "One run, and room for others" in html


def test_unknown_runs_are_named_in_the_order_of_the_address(reader: Client) -> None:
    unknown = [f"{digit}" * 32 for digit in "39152684"]
    html = page(reader, run=[*unknown, *ids(make_runs(1))])
    found = re.findall(r"<code>(\w{32}|\w{10,}…)</code>", html)
    assert [name[0] for name in found] == list("39152")


def test_a_file_about_no_run_is_not_found(reader: Client) -> None:
    assert reader.get(URL, {"run": "0" * 32, "format": "csv"}).status_code == 404


def test_what_a_page_cannot_hold_is_counted(reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.queries.comparison.first_keys.MOST_VALUES", 1)
    monkeypatch.setattr("analysis.queries.comparison.curve_keys.MOST_CHOICES", 0)
    monkeypatch.setattr("analysis.queries.comparison.plots.MOST_CHOICES", 0)
    (run,) = make_runs(1)
    for key in ("b", "c", "d"):
        MetricFactory.create(run=run, key=key, latest_step=3)
    ParamFactory.create(run=run, key="momentum", value="0")
    html = re.sub(r"\s+", " ", page(reader, run=run.run_id, metric=["loss", "c"]))
    for text in ("1 more metric left out", "1 more row left out", "Of 3 metrics 2 are listed"):
        assert text in html


def test_a_run_that_the_viewer_may_not_read_is_as_one_that_is_not_there(client: Client) -> None:
    ada, hidden = UserFactory.create(), RunFactory.create(name="secret run")
    grant_permission(experiment=hidden.experiment, user=ada, level="NO_PERMISSIONS", by=None)
    client.force_login(ada)
    html, other = page(client, run=hidden.run_id), page(client, run="0" * 32)
    assert "secret run" not in html
    assert html.count(hidden.run_id) == other.count("0" * 32)


@pytest.mark.django_db(transaction=True)
def test_the_number_of_statements_does_not_grow_with_the_runs(reader: Client) -> None:
    ExperimentFactory.create(name="e")
    runs = [start_run(experiment="e", config={"lr": lr}) for lr in range(8)]
    for run in runs:
        log_epoch(run_id=run.run_id, epoch=1, metrics={"loss": 0.5})
        log_epoch(run_id=run.run_id, epoch=2, metrics={"loss": 0.4})
        end_run(run_id=run.run_id)
    few = statements(reader, run=ids(runs[:2]))
    assert statements(reader, run=ids(runs)) == few
    assert few <= 10


def test_the_best_is_marked_in_words_and_differences_have_a_sign(reader: Client) -> None:
    html = page(reader, run=ids(make_runs(3)))
    assert html.count("★ best") == 1
    assert "lower is better" in html
    assert 'href="/datasets/' in html
    assert 'class="cell-sub delta-better">\N{MINUS SIGN}0.17 <small>\N{MINUS SIGN}33 %</small>' in html
    assert "<mark>1</mark>" in html


def test_a_run_without_metrics_or_params_is_said_to_have_none(reader: Client) -> None:
    html = page(reader, run=ids(RunFactory.create_batch(2, dataset=None)))
    for text in (
        "No metric logged",
        "No run has params",
        "No run names a data set",
        "No run has a nested config",
    ):
        assert text in html


def test_what_differs_in_nothing_is_hidden_and_counted(reader: Client) -> None:
    runs = make_runs(2)
    for run in runs:
        ParamFactory.create(run=run, key="seed", value="7")
        MetricFactory.create(run=run, key="epochs", latest_value=3)
    whole, short = page(reader, run=ids(runs)), page(reader, run=ids(runs), diff="only")
    assert 'colspan="2">7</td>' in whole
    assert "seed" not in short
    assert "1 identical row hidden" in short


def test_more_than_eight_runs_are_grouped(reader: Client) -> None:
    runs = make_runs(10)
    TrainingRun.objects.filter(pk__in=[run.pk for run in runs[:3]]).update(model_name="net")
    html = page(reader, run=",".join(ids(runs)))
    assert "grouped by <code>model</code>" in html
    assert re.search(r"\b7 runs\s", html)
    assert "7 values: 3, 4, 5, …" in html


def test_a_run_in_the_bin_says_so(reader: Client) -> None:
    run = RunFactory.create(lifecycle="deleted", deleted_at="2026-01-02T00:00Z")
    assert "In the bin" in page(reader, run=run.run_id)


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_the_comparison_is_downloaded_as_a_file(reader: Client, kind: str) -> None:
    runs = make_runs(2)
    response = reader.get(URL, {"run": ids(runs), "format": kind, "diff": "only"})
    assert response["Content-Disposition"] == f'attachment; filename="comparison.{kind}"'
    content = b"".join(response.streaming_content)
    if kind == "json":
        assert [row["params.lr"] for row in json.loads(content)] == [0.0, 1.0]
    else:
        assert b"params.lr" in content


def test_a_format_that_there_is_not_is_said(reader: Client) -> None:
    assert "There is no format <code>xlsx</code>" in page(reader, run=ids(make_runs(1)), format="xlsx")


def test_runs_beyond_the_200th_are_said_to_be_left_out(reader: Client) -> None:
    many = ",".join(f"{number:032x}" for number in range(202))
    assert "names 2 runs beyond the 200th" in re.sub(r"\s+", " ", page(reader, run=many))
