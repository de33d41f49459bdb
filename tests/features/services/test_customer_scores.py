"""Scoring from purchases to scores, their history and the online store."""

import datetime as dt
import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from features.definitions import CUSTOMER_VALUE
from features.models import CustomerScore, FeatureValue
from features.personalisation.parameters import PATH
from features.services import customer_scores
from features.services.customer_scores import has_scores, score_customers
from features.services.online_features import get_online_features
from features.services.profile_answers import profile_answer
from features.services.profile_computing import compute_profile
from registry.exceptions import BadInputError, ConflictError, NotFoundError
from registry.messaging import promise_task
from registry.models import Delivery
from registry.services.model_aliases import set_alias
from tests.factories import CustomerFactory
from tests.features.personalisation.scoring_world import (
    AS_OF,
    MODEL,
    bought,
    champion_of_value,
    three_customers,
)
from tests.features.served import churn_bytes, named_churn_bytes, register
from tests.working import work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("nothing_served")]
DAY = dt.timedelta(days=1)


def score(as_of: dt.date | None = AS_OF, **named: Any) -> customer_scores.Progress:
    return list(score_customers(as_of=as_of, **named))[-1]


def test_everyone_who_bought_before_the_day_is_scored() -> None:
    three_customers()
    CustomerFactory(customer_id="new")
    champion_of_value()
    assert score().written == 3
    found = {row.customer.customer_id: row for row in CustomerScore.objects.select_related("customer")}
    assert {
        key: (row.segment, row.recency_days, row.frequency, row.monetary) for key, row in found.items()
    } == {
        "ann": ("active", 11, 2, 60),
        "bob": ("dormant", 180, 0, 15),
        "eve": ("at_risk", 61, 0, 15),
    }
    assert (found["bob"].p_alive, found["bob"].churn_probability) == (1.0, None)
    assert found["ann"].lifetime_value > found["eve"].lifetime_value > found["bob"].lifetime_value > 0
    assert found["eve"].expected_spend == pytest.approx(MODEL.spending.mean)


def test_scores_are_served_as_features() -> None:
    three_customers()
    champion_of_value()
    score()
    names = ["segment", "days_since_last_purchase", "lifetime_value", "churn_probability"]
    served = get_online_features(
        features=[f"customer_value:{name}" for name in names], entities={"customer_id": ["ann", "nobody"]}
    )
    ann = CustomerScore.objects.get(customer__customer_id="ann")
    assert served.to_dict() == {
        "customer_value:segment": ["active", None],
        "customer_value:days_since_last_purchase": [11, None],
        "customer_value:lifetime_value": [ann.lifetime_value, None],
        "customer_value:churn_probability": [None, None],
    }


def test_the_same_day_again_writes_nothing_and_an_older_one_replaces_nothing_newer() -> None:
    three_customers()
    champion_of_value()
    score()
    before = list(CustomerScore.objects.order_by("pk").values())
    assert score().written == 0
    assert score(AS_OF - DAY * 30).written == 0
    assert list(CustomerScore.objects.order_by("pk").values()) == before
    assert FeatureValue.objects.filter(view__name=CUSTOMER_VALUE.name).count() == 3
    assert (has_scores(as_of=AS_OF), has_scores(as_of=AS_OF + DAY)) == (True, False)


def test_a_newer_day_replaces_scores_and_adds_to_their_history() -> None:
    three_customers()
    champion_of_value()
    score()
    assert score(None).as_of == dt.date(1997, 7, 2)
    assert CustomerScore.objects.get(customer__customer_id="ann").recency_days == 1
    assert FeatureValue.objects.filter(view__name=CUSTOMER_VALUE.name).count() == 6


def test_a_newer_version_scores_the_same_day_anew() -> None:
    three_customers()
    champion_of_value()
    score()
    newer = champion_of_value()
    assert score().written == 3
    assert set(CustomerScore.objects.values_list("run_id", flat=True)) == {newer.run.run_id}


def test_the_deployed_churn_model_tells_who_leaves() -> None:
    three_customers()
    champion_of_value()
    features = ["customer_rfm:frequency", "customer_activity:days_between_last_purchases"]
    register(named_churn_bytes(), name="customer-churn", features=features)
    score()
    told = dict(CustomerScore.objects.values_list("customer__customer_id", "churn_probability"))
    assert all(0 < share < 1 for share in told.values())
    assert told["ann"] > told["eve"]


@pytest.mark.parametrize("feature", ["customer_session:cart_value", "customer_rfm:age", "moon:phase"])
def test_a_churn_model_that_reads_what_is_not_computed_tells_nothing(feature: str) -> None:
    three_customers()
    champion_of_value()
    register(churn_bytes(), name="customer-churn", features=["customer_rfm:frequency", feature])
    assert score().written == 3
    assert set(CustomerScore.objects.values_list("churn_probability", flat=True)) == {None}


def test_a_dry_run_writes_nothing() -> None:
    three_customers()
    champion_of_value()
    assert score(is_dry_run=True).total == 6
    assert not CustomerScore.objects.exists()


def test_a_profile_of_the_score_before_is_stale_at_once() -> None:
    three_customers()
    champion_of_value()
    profile_answer(customer_id="ann")
    with transaction.atomic():
        compute_profile(customer_id="ann", number=1)
    assert profile_answer(customer_id="ann").source == "redis"
    score()
    assert profile_answer(customer_id="ann").told["predictions"]["is_stale"] is True
    with transaction.atomic():
        compute_profile(customer_id="ann", number=2)
    score()
    fresh = profile_answer(customer_id="ann")
    assert (fresh.state, fresh.source) == ("ready", "redis")
    assert fresh.told["predictions"]["value"]["segment"] == fresh_segment()


def fresh_segment() -> str:
    return CustomerScore.objects.get(customer__customer_id="ann").segment


def test_what_can_not_be_scored_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFoundError, match="Nobody has bought anything yet"):
        score(None)
    bought("ann", ("1997-01-10", "10"))
    with pytest.raises(NotFoundError, match="has no alias 'champion'"):
        score()
    other = register(b"{}", name="customer-value", path="model/other.json", environment="")
    set_alias(model="customer-value", alias="champion", version=other.number)
    with pytest.raises(NotFoundError, match=f"has no file {PATH}"):
        score()
    champion_of_value()
    with pytest.raises(NotFoundError, match="before 1990-01-01"):
        score(dt.date(1990, 1, 1))
    with pytest.raises(BadInputError, match="still to come"):
        score(dt.date(2990, 1, 1))


def test_two_scorings_do_not_run_side_by_side() -> None:
    three_customers()
    champion_of_value()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [customer_scores.LOCK])
        with pytest.raises(ConflictError, match="right now"):
            score()
    other.close()


def test_the_command_tells_in_one_line_what_it_did() -> None:
    three_customers()
    champion_of_value()
    out = StringIO()
    call_command("score_customers", "--as-of", "1997-07-01", stdout=out)
    assert out.getvalue().startswith("3 customers scored, 3 of them anew, as of 1997-07-01, in ")
    out = StringIO()
    call_command("score_customers", "--dry-run", stdout=out)
    assert out.getvalue().startswith("3 customers would be scored, as of 1997-07-02, in ")
    out = StringIO()
    call_command("score_customers", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["customers"], told["written"], told["as_of"]) == (3, 3, "1997-07-02")


def test_the_command_fails_where_nobody_can_be_scored() -> None:
    with pytest.raises(CommandError, match="Nobody has bought anything yet"):
        call_command("score_customers")
    with pytest.raises(CommandError, match="'soon' is no day"):
        call_command("score_customers", "--as-of", "soon")


@pytest.mark.usefixtures("broker")
def test_the_task_scores_and_is_refused_where_its_day_is_none() -> None:
    three_customers()
    champion_of_value()
    promise = {"first": "1997-07-01", "again": "1997-07-01", "odd": "soon"}
    for key, as_of in promise.items():
        with transaction.atomic():
            promise_task("personalisation.score", key=key, as_of=as_of)
    work()
    assert CustomerScore.objects.count() == 3
    found = dict(Delivery.objects.values_list("message__key", "state"))
    assert found == {"first": "done", "again": "done", "odd": "dead"}


@pytest.mark.usefixtures("broker")
def test_the_task_has_nothing_to_do_where_nobody_bought() -> None:
    with transaction.atomic():
        promise_task("personalisation.score")
    work()
    assert Delivery.objects.get().state == "done"
