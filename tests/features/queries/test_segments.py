import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from features.queries.insights import insights
from features.queries.segments import segments
from tests.factories import CustomerScoreFactory

pytestmark = pytest.mark.django_db


def scored() -> None:
    CustomerScoreFactory(segment="vip", f=5, m=5, lifetime_value=600.0, monetary="900.00")
    CustomerScoreFactory(segment="at_risk", f=5, m=5, lifetime_value=300.0, recency_days=60)
    CustomerScoreFactory(segment="dormant", lifetime_value=1.0, recency_days=300, frequency=0, p_alive=1.0)
    CustomerScoreFactory(segment="active", lifetime_value=20.0, frequency=0, churn_probability=0.7)


def test_segments_come_with_their_figures_the_best_first() -> None:
    scored()
    found = segments()
    assert [(each.name, each.customers, each.share, each.revenue) for each in found] == [
        ("vip", 1, 0.25, 900.0),
        ("active", 1, 0.25, 120.0),
        ("at_risk", 1, 0.25, 120.0),
        ("dormant", 1, 0.25, 120.0),
    ]
    assert found[0].why.startswith("25.0% of the customers with 71.4% of the revenue so far")
    assert "90 days or longer" in found[3].rule


def test_a_segment_of_nobody_is_told_too() -> None:
    CustomerScoreFactory()
    assert [each.customers for each in segments()] == [0, 1, 0, 0]
    assert segments()[0].why == "Nobody is in it."


def test_before_anybody_is_scored_there_is_nothing_to_tell() -> None:
    assert segments() == []
    assert insights() == []


def test_insights_name_who_how_much_and_what_to_do() -> None:
    scored()
    with CaptureQueriesContext(connection) as statements:
        found = {each.name: each for each in insights()}
    assert len(statements) == 1
    assert list(found) == [
        "best_tenth",
        "best_going_quiet",
        "second_purchase",
        "leaving_by_the_model",
        "not_worth_a_letter",
    ]
    quiet = found["best_going_quiet"]
    assert (quiet.customers, quiet.lifetime_value, quiet.figures["silent_days"]) == (1, 300.0, 60.0)
    assert "the churn model expects 70% of them" in found["leaving_by_the_model"].why
    assert all(each.action and each.rule and each.why.endswith(".") for each in found.values())


def test_customers_worth_winning_back_are_found_among_the_dormant() -> None:
    CustomerScoreFactory(segment="dormant", lifetime_value=80.0, recency_days=120, churn_probability=None)
    assert [each.name for each in insights()] == ["best_tenth", "worth_winning_back"]
