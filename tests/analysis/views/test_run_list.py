import datetime as dt
import re
from html import unescape
from urllib.parse import unquote_plus

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from registry.models import RunTag, TrainingRun
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


def test_filters_that_nothing_meets_offer_the_table_without_each(reader: Client) -> None:
    RunFactory()
    html = page(reader, q="nothing like it", filter="accuracy > 0.5 AND params.a = 'b'", sort="name")
    assert "No run matches" in html
    ways = [unquote_plus(unescape(each)) for each in re.findall(r'<a href="([^"]+)">\s*without', html)]
    assert ways == [
        "?filter=accuracy > 0.5 AND params.a = 'b'&sort=name",
        "?filter=params.a = 'b'&q=nothing like it&sort=name",
        "?filter=accuracy > 0.5&q=nothing like it&sort=name",
    ]


def test_an_empty_archive_says_how_runs_come_there(reader: Client) -> None:
    assert "Nothing is archived" in page(reader, lifecycle="archived")


def test_behind_the_last_page_is_nothing_more(reader: Client) -> None:
    make_runs(52)
    (cursor,) = re.findall(r'rel="next"\s+href="[^"]*cursor=([^"&]+)"', page(reader))
    TrainingRun.objects.all().delete()
    assert "nothing more behind this page" in reader.get(f"{URL}?cursor={cursor}").content.decode()


NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
WHOLE = {
    "filter": "metrics.f1 > 0 AND (params.lr = 0.1 OR tags.team IS NOT NULL)",
    "sort": "-metrics.f1.max",
    "columns": ["metrics.f1", "metrics.f1.max", "params.lr", "tags.team", "status", "owner"],
    "q": "run",
}


def test_the_number_of_queries_does_not_grow_with_the_runs(reader: Client) -> None:
    make_runs(1)
    few = queries(reader, **WHOLE)
    make_runs(2)
    assert queries(reader, **WHOLE) == few <= 10


def test_a_later_page_takes_at_most_ten_queries_too(reader: Client) -> None:
    make_runs(52)
    (cursor,) = re.findall(r'rel="next"\s+href="[^"]*cursor=([^"&]+)"', page(reader, columns="params.lr"))
    with CaptureQueriesContext(connection) as captured:
        later = reader.get(f"{URL}?columns=params.lr&cursor={cursor}").content.decode()
    assert len(shown_runs(later)) == 2
    assert 'rel="prev"' in later
    assert len(captured) <= 10
    assert not any(" OFFSET " in query["sql"] for query in captured)


def test_the_address_holds_filter_sort_and_columns(reader: Client) -> None:
    experiment = ExperimentFactory(name="wine")
    for name, f1 in (("low", 0.25), ("high", 0.75)):
        MetricFactory(run=RunFactory(name=name, experiment=experiment), key="f1", latest_value=f1)
    RunFactory(name="elsewhere")
    html = page(reader, experiment="wine", sort="-metric.f1", columns=["metrics.f1", "metrics.auc", "status"])
    assert shown_runs(html) == ["high", "low"]
    assert '<option value="wine" selected>wine</option>' in html
    assert '<input type="hidden" name="sort" value="-metric.f1">' in html
    heads = re.findall(r'<th scope="col"[^>]*>\s*<a href="[^"]+">([^<]+)</a>', html)
    assert heads == ["Run", "f1", "auc", "Status"]
    assert re.search(r'aria-sort="descending">\s*<a href="[^"]*sort=metrics.f1"', html)
    assert re.search(r'<span class="condition">Experiment: wine</span>\s*<a href="\?columns=', html)


def test_a_heading_turns_the_order_round(reader: Client) -> None:
    RunFactory()
    assert 'href="?sort=-accuracy"' in page(reader)
    assert 'href="?sort=accuracy"' in page(reader, sort="-accuracy")
    assert 'href="?sort=-accuracy"' in page(reader, sort="accuracy")
    assert 'href="?sort=name"' in page(reader)
    assert 'href="?sort=started_at"' in page(reader)


def test_a_column_moves_forward_and_away_by_links(reader: Client) -> None:
    RunFactory()
    html = page(reader, columns=["status", "owner", "loss"])
    assert 'href="?columns=status&amp;columns=loss&amp;columns=owner"' in html
    assert 'href="?columns=owner&amp;columns=status&amp;columns=loss"' in html
    assert html.count('title="Move forward"') == 2


def test_what_differs_are_the_columns_in_which_the_runs_of_the_page_differ(reader: Client) -> None:
    for lr in ("1", "2"):
        run = RunFactory(started_at=NOON, dataset=None)
        ParamFactory(run=run, key="lr", value=lr)
        ParamFactory(run=run, key="same", value="1")
        ParamFactory(run=run, key="`\"'", value=lr)
        RunTag.objects.create(run=run, key="mlflow.user", value=lr)
    assert re.search(r'<a href="\?columns=params.lr"[^>]*>What differs</a>', page(reader))


def test_rows_can_be_dense(reader: Client) -> None:
    RunFactory()
    assert "runs-dense" in page(reader, dense="1")
    assert 'href="?dense=1"' in page(reader)


@pytest.mark.parametrize(
    ("query", "reasons"),
    [
        (
            {"filter": "metrics.f1 > 0.9 AND lr = 3"},
            ["Invalid attribute key", "                       ^ (character 22)"],
        ),
        ({"filter": "metrics.f1 > 'high'"}, ["Expected a number", "^ (character 14)"]),
        ({"filter": "(status = 'FAILED'"}, ["Expected", "closing parenthesis"]),
        ({"filter": "x" * 2_001}, ["at most 2000 characters"]),
        ({"status": "LOST"}, ["Select a valid choice"]),
        ({"lifecycle": "gone"}, ["Select a valid choice"]),
    ],
)
def test_a_filter_that_cannot_be_read_is_explained_at_its_field(
    reader: Client, query: dict[str, str], reasons: list[str]
) -> None:
    RunFactory()
    html = page(reader, 400, **query)
    for reason in reasons:
        assert reason in unescape(html)
    assert 'aria-invalid="true"' in html
    assert f'aria-describedby="id_{next(iter(query))}_error' in html
    assert shown_runs(html) == []


def test_a_filter_that_cannot_be_read_keeps_the_rest_of_the_form(reader: Client) -> None:
    html = page(reader, 400, filter='lr = "<b>"', columns="metrics.f1", sort="name", framework="jax")
    assert 'value="lr = &quot;&lt;b&gt;&quot;"' in html
    assert '<input type="hidden" name="columns" value="metrics.f1">' in html
    assert '<input type="hidden" name="sort" value="name">' in html
    assert '<option value="jax" selected>jax</option>' in html


def test_the_help_shows_filters_of_the_pages_own_keys(reader: Client) -> None:
    run = RunFactory()
    MetricFactory(run=run, key="val loss")
    html = unescape(page(reader, sort="name"))
    assert "metrics.`val loss` > 0.9" in html
    examples = [unquote_plus(each) for each in re.findall(r'class="mono"\s+href="\?([^"]+)"', html)]
    assert len(examples) == 8
    for example in examples:
        sort, text = example.split("&filter=")
        assert sort == "sort=name"
        page(reader, filter=text)


def test_an_experiment_that_is_gone_stays_chosen(reader: Client) -> None:
    assert '<option value="gone" selected>gone</option>' in page(reader, experiment="gone")


def test_archived_runs_are_marked(reader: Client) -> None:
    RunFactory(name="old", lifecycle="deleted", deleted_at="2026-01-01T00:00Z")
    assert shown_runs(page(reader)) == []
    html = page(reader, lifecycle="archived")
    assert shown_runs(html) == ["old"]
    assert '<span class="chip">Archived</span>' in html
    assert 'value="restore"' in html


def test_names_are_escaped(reader: Client) -> None:
    ParamFactory(run=RunFactory(name="<script>alert(1)</script>"), key="<b>", value="<i>")
    html = page(reader, columns="params.`<b>`", q="script", filter="params.`<b>` = '<i>'")
    assert "<script>a" not in html
    assert "<b>" not in html
    assert "<i>" not in html


@pytest.mark.parametrize("name", ["q", "experiment", "framework", "filter", "columns", "sort", "cursor"])
def test_a_nul_in_the_address_breaks_nothing(reader: Client, name: str) -> None:
    value = {"filter": "params.a\x00=1", "columns": "params.a\x00", "sort": "metrics.\x00"}.get(name, "a\x00")
    assert reader.get(URL, {name: value}).status_code in (200, 400)
