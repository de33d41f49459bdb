"""The page of all customers."""

from typing import Any

import pytest
from django.test import Client

from analysis.queries.customers.table import customer_page
from registry.services.artifacts import log_artifact
from tests.factories import CustomerScoreFactory, ModelVersionFactory, RunFactory
from tests.factories.registry import MetricFactory

pytestmark = pytest.mark.django_db
PIXEL = b"\x89PNG\r\n\x1a\n"


def html(client: Client, address: str = "/customers/", status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def test_the_page_shows_segments_what_stands_out_and_the_list(admin: Client) -> None:
    CustomerScoreFactory.create(
        customer__name="Grace <Hopper>", customer__customer_id="00042", lifetime_value=250
    )
    CustomerScoreFactory.create(customer__name="Ada", segment="dormant", recency_days=200)
    page = html(admin)
    for text in (
        "as of 1 July 1998",
        "Dormant 1",
        "Bought nothing for 90 days or longer",
        "The tenth that matters most",
        "Grace &lt;Hopper&gt;",
        "00042",
        "$250",
        "?segment=dormant#list",
    ):
        assert text in page


def test_an_empty_page_says_how_to_begin(admin: Client) -> None:
    assert "manage.py score_customers" in html(admin)


def test_who_may_not_see_customers_sees_sums_alone(reader: Client) -> None:
    CustomerScoreFactory.create(customer__name="Grace")
    page = html(reader)
    assert "Not shown: single customers" in page
    assert "Grace" not in page
    assert "Grace" not in html(reader, "/customers/?q=Grace&segment=active")


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("", ["Bo", "Cy", "Al"]),
        ("?segment=vip", ["Bo", "Al"]),
        ("?q=c", ["Cy"]),
        ("?q=0002", ["Bo"]),
        ("?sort=spent", ["Al", "Bo", "Cy"]),
        ("?sort=leaving", ["Al", "Cy", "Bo"]),
        ("?sort=recent", ["Cy", "Al", "Bo"]),
    ],
)
def test_the_list_is_filtered_and_ordered(admin: Client, asked: str, names: list[str]) -> None:
    rows: list[tuple[str, str, str, dict[str, Any]]] = [
        (
            "Al",
            "00010",
            "vip",
            {"monetary": "300", "churn_probability": 0.9, "lifetime_value": 1, "recency_days": 5},
        ),
        (
            "Bo",
            "00020",
            "vip",
            {"monetary": "200", "churn_probability": None, "lifetime_value": 9, "recency_days": 6},
        ),
        (
            "Cy",
            "00030",
            "active",
            {"monetary": "99.5", "churn_probability": 0.4, "lifetime_value": 3, "recency_days": 1},
        ),
    ]
    for name, key, segment, values in rows:
        CustomerScoreFactory.create(customer__name=name, customer__customer_id=key, segment=segment, **values)
    found = admin.get(f"/customers/{asked}").context["page"].customers
    assert [row.name for row in found.rows] == names


@pytest.mark.parametrize("sort", ["value", "spent", "leaving", "recent"])
def test_pages_follow_each_other_without_gaps(sort: str) -> None:
    for number in range(5):
        CustomerScoreFactory.create(
            customer__customer_id=f"{number:05}", churn_probability=None if number == 3 else 0.25
        )
    cursor, seen = "", []
    for _ in range(3):
        page = customer_page(sort=sort, cursor=cursor, size=2)
        seen += [row.customer_id for row in page.rows]
        cursor = page.next_cursor
    assert sorted(seen) == ["00000", "00001", "00002", "00003", "00004"]
    assert cursor == ""


def test_what_cannot_be_asked_is_told_and_nothing_found_too(admin: Client) -> None:
    CustomerScoreFactory.create()
    assert "cannot be read as it is" in html(admin, "/customers/?sort=nonsense", 400)
    assert "No customer matches" in html(admin, "/customers/?q=nobody")


@pytest.mark.usefixtures("mongo")
def test_the_predictions_are_shown_with_the_runs_that_made_and_checked_them(admin: Client) -> None:
    served = RunFactory.create(name="all weeks")
    checked = RunFactory.create(name="half of the weeks", experiment=served.experiment)
    sample = RunFactory.create(name="the sample", experiment=served.experiment)
    CustomerScoreFactory.create(run_id=served.run_id)
    for run, figures in (
        (served, {"customers": 100.0}),
        (checked, {"customers": 100.0, "mae": 0.75, "baseline_past_mae": 1.25, "lift_of_best_tenth": 4.5}),
        (sample, {"customers": 10.0, "mae": 0.5, "published_apart": 0.01, "r": 0.2425, "published_r": 0.243}),
    ):
        for key, value in figures.items():
            MetricFactory.create(run=run, key=key, latest_value=value)
    log_artifact(run_id=checked.run_id, path="plots/calibration.png", content=PIXEL)
    ModelVersionFactory.create(run=served, model__name="customer-value", number=2)
    found = admin.get("/customers/").context["page"].evaluation
    assert [(each.values, each.best) for each in found.measures] == [
        ((0.75, 1.25, None), 0),
        ((4.5, None, None), 0),
    ]
    assert found.parameters == [("r", 0.2425, 0.243)]
    page = html(admin)
    for text in (
        "/models/customer-value/versions/2/",
        f"/runs/{served.run_id}/",
        f'src="/runs/{checked.run_id}/artifacts/plots/calibration.png"',
        'alt="Calibration, a plot of the run half of the weeks"',
    ):
        assert text in page


def test_a_run_that_one_may_not_read_is_not_told_of(reader: Client) -> None:
    CustomerScoreFactory.create(run_id="b" * 32)
    assert "in an experiment that you may not read" in html(reader)


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_takes_as_many_statements_for_three_customers_as_for_one(
    staff: Client, count: int, django_assert_num_queries: Any
) -> None:
    run = RunFactory.create()
    CustomerScoreFactory.create_batch(count, run_id=run.run_id)
    for each in (run, *RunFactory.create_batch(count, experiment=run.experiment)):
        MetricFactory.create(run=each, key="mae")
        ModelVersionFactory.create(run=each)
    with django_assert_num_queries(9):  # two of them: what this user may do
        staff.get("/customers/")


def test_the_figures_are_of_all_segments(reader: Client) -> None:
    CustomerScoreFactory.create_batch(3, segment="vip", p_alive=0.5, monetary="1000.50", lifetime_value=200)
    CustomerScoreFactory.create(segment="dormant", p_alive=0.1, monetary="0.50", lifetime_value=1)
    assert reader.get("/customers/").context["page"].figures == [
        ("customers", "4"),
        ("revenue so far", "$3,002"),
        ("expected in the next 52 weeks", "$601"),
        ("still customers by BG/NBD, in the mean", "40 %"),
    ]
