import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import ExperimentFactory, MetricFactory, ParamFactory, RunFactory

pytestmark = pytest.mark.django_db
URL = reverse("analysis:run-list")


def page(reader: Client, expected: int = 200, **query: object) -> str:
    response = reader.get(URL, query)
    assert response.status_code == expected
    return response.content.decode()


def shown_runs(html: str) -> list[str]:
    return re.findall(r'<a href="/runs/[0-9a-f]{32}/">([^<]+)</a>', html)


def make_runs(count: int) -> None:
    for _ in range(count):
        run = RunFactory()
        MetricFactory(run=run, key="f1")
        ParamFactory(run=run)


def queries(reader: Client, **query: object) -> int:
    with CaptureQueriesContext(connection) as captured:
        page(reader, **query)
    return len(captured)


def test_strangers_are_sent_to_the_login(client: Client) -> None:
    assert client.get(URL)["Location"] == f"/login/?next={URL}"


def test_an_empty_record_says_how_to_log_the_first_run(reader: Client) -> None:
    assert "No runs yet" in page(reader)


def test_filters_that_nothing_meets_say_so(reader: Client) -> None:
    RunFactory()
    html = page(reader, q="nothing like it")
    assert "No run matches" in html
    assert "Show all runs" in html


def test_the_number_of_queries_does_not_grow_with_the_runs(reader: Client) -> None:
    make_runs(1)
    query = {"metrics": "f1", "params": "lr", "sort": "-metric.f1", "param": "lr=0.1", "metric": "f1>0"}
    few = queries(reader, **query)
    make_runs(29)
    assert queries(reader, **query) == few
    assert few <= 10


def test_a_later_page_takes_at_most_ten_queries_too(reader: Client) -> None:
    make_runs(52)
    html = page(reader, metrics="f1", params="lr")
    (cursor,) = re.findall(r'rel="next"\s+href="[^"]*cursor=([^"&]+)"', html)
    with CaptureQueriesContext(connection) as captured:
        later = reader.get(f"{URL}?metrics=f1&params=lr&cursor={cursor}").content.decode()
    assert len(shown_runs(later)) == 2
    assert 'rel="prev"' in later
    assert len(captured) <= 10
    assert not any("COUNT(" in query["sql"] or " OFFSET " in query["sql"] for query in captured)


def test_the_address_holds_filter_sort_and_columns(reader: Client) -> None:
    experiment = ExperimentFactory(name="wine")
    for name, f1 in (("low", 0.25), ("high", 0.75)):
        MetricFactory(run=RunFactory(name=name, experiment=experiment), key="f1", latest_value=f1)
    RunFactory(name="elsewhere")
    html = page(reader, experiment="wine", sort="-metric.f1", metrics="f1,auc")
    assert shown_runs(html) == ["high", "low"]
    assert '<option value="wine" selected>wine</option>' in html
    assert '<input type="hidden" name="sort" value="-metric.f1">' in html
    assert "runs without it are left out" in html
    assert re.search(r'aria-sort="descending">\s*<a href="\?experiment=wine&amp;sort=metric.f1', html)


def test_a_heading_turns_the_order_round(reader: Client) -> None:
    RunFactory()
    assert 'href="?sort=-accuracy"' in page(reader)
    assert 'href="?sort=accuracy"' in page(reader, sort="-accuracy")
    assert 'href="?sort=-accuracy"' in page(reader, sort="accuracy")
    assert 'href="?sort=name"' in page(reader)
    assert 'href="?sort=started_at"' in page(reader)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ({"param": "lr"}, "is no condition"),
        ({"metric": "f1=high"}, "A metric is a number"),
        ({"min_accuracy": "2"}, "less than or equal to 1"),
        ({"status": "LOST"}, "Select a valid choice"),
    ],
)
def test_a_filter_that_cannot_be_read_is_explained_at_its_field(
    reader: Client, query: dict[str, str], reason: str
) -> None:
    RunFactory()
    html = page(reader, 400, **query)
    assert reason in html
    assert 'aria-invalid="true"' in html
    assert shown_runs(html) == []


def test_a_filter_that_cannot_be_read_keeps_the_chosen_columns(reader: Client) -> None:
    assert re.search(r'value="f1"\s+checked', page(reader, 400, param="lr", metrics="f1"))


def test_an_experiment_that_is_gone_stays_chosen(reader: Client) -> None:
    assert '<option value="gone" selected>gone</option>' in page(reader, experiment="gone")


def test_names_are_escaped(reader: Client) -> None:
    ParamFactory(run=RunFactory(name="<script>alert(1)</script>"), key="<b>", value="<i>")
    html = page(reader, params="<b>")
    assert "<script>" not in html
    assert "<b>" not in html
    assert "<i>" not in html


@pytest.mark.parametrize(
    "name", ["q", "experiment", "framework", "param", "metric", "metrics", "params", "sort", "cursor"]
)
def test_a_nul_in_the_address_breaks_nothing(reader: Client, name: str) -> None:
    value = {"param": "a\x00=1", "metric": "a\x00>1", "sort": "metric.\x00"}.get(name, "a\x00")
    assert reader.get(URL, {name: value}).status_code in (200, 400)
