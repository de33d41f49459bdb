import datetime as dt
import hashlib
import json
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.test import Client

from features.models import Entity, Feature, FeatureValue, FeatureView
from features.queries.view_schemas import view_schema
from features.services.online_features import OnlineRow, write_online_features
from features.services.prediction_why import explain_prediction
from features.services.served_models import Wanted
from registry.artifacts import storage
from registry.services.api_tokens import issue_token
from tests.factories import UserFactory
from tests.features.away import redis_is_away
from tests.features.served import churn, churn_bytes, register

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_served")]
NOON = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
PAGE = "/models/churn/why/"


@pytest.fixture
def rfm() -> FeatureView:
    """A deployed churn model, and customer a whose frequency is not known."""
    customer = Entity.objects.create(name="customer", join_keys=["customer_id"])
    view = FeatureView.objects.create(name="rfm", entity=customer)
    for position, name in enumerate(("recency", "frequency")):
        Feature.objects.create(view=view, name=name, value_type="float", position=position)
    values = {"recency": 0.5}
    write_online_features(view=view_schema("rfm"), rows=[OnlineRow("a", NOON, values)])
    FeatureValue.objects.create(view=view, entity_key="a", event_at=NOON, values=[0.5, None])
    register(churn_bytes(), features=["rfm:recency", "rfm:frequency"])
    return view


@pytest.fixture
def client() -> Client:
    """One who is logged in and has a token."""
    user = UserFactory.create()
    client = Client(
        headers={"Authorization": f"Bearer {issue_token(user=user, name='t', scopes=['read'])[0]}"}
    )
    client.force_login(user)
    return client


def test_programs_are_told_what_went_into_a_prediction(rfm: FeatureView, client: Client) -> None:
    body: dict[str, Any] = json.loads(client.get("/api/1/models/churn/why?customer_id=a").content)
    share = churn().predict_proba([[0.5, float("nan")]])[0, 1]
    assert (body["prediction"], body["probabilities"][1]) == (1, share)
    assert body["deployment"]["environment"] == "production"
    assert body["row"]["cache"] == "miss"
    assert [(each["feature"], each["value"], each["status"]) for each in body["features"]] == [
        ("rfm:recency", 0.5, "PRESENT"),
        ("rfm:frequency", None, "NULL_VALUE"),
    ]
    assert {each["event_time"] for each in body["features"]} == {"2026-01-01T12:00:00+00:00"}
    told = body["explanation"]
    assert (told["kind"], told["unit"]) == ("linear", "log-odds of 1")
    terms = [each["contribution"] for each in body["features"]]
    assert told["base"] + sum(terms) == pytest.approx(told["total"])


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("customer_id=nobody", 404),
        ("", 400),
        ("city=x", 400),
        ("customer_id=a&version=x", 400),
        ("customer_id=a&version=9", 404),
    ],
)
def test_programs_are_told_what_is_wrong(rfm: FeatureView, client: Client, query: str, status: int) -> None:
    answer = client.get(f"/api/1/models/churn/why?{query}")
    assert (answer.status_code, "message" in answer.json()["error"]) == (status, True)


def test_the_page_shows_the_prediction_its_features_and_where_it_comes_from(
    rfm: FeatureView, client: Client
) -> None:
    html = " ".join(client.get(PAGE, {"customer_id": "a"}).content.decode().split())
    for text in (
        "rfm:recency",
        "Null",
        "Present",
        "log-odds of 1",
        "bars-signed",
        "computed now",
        "churn, version 1",
    ):
        assert text in html
    assert "kept" in client.get(PAGE, {"customer_id": "a"}).content.decode()


def test_the_page_without_an_entity_offers_some(rfm: FeatureView, client: Client) -> None:
    html = client.get(PAGE).content.decode()
    assert '<a href="?customer_id=a">a</a>' in html
    assert "bars-signed" not in html


def test_the_page_tells_what_is_wrong(rfm: FeatureView, client: Client) -> None:
    register(b"no model", name="broken", path="model.pkl", features=["rfm:recency"])
    register(churn_bytes(), name="plain")
    asked = [
        (PAGE, {"customer_id": "nobody"}, 200, "Nothing is known of this entity"),
        (PAGE, {"environment": "moon"}, 400, "no environment"),
        ("/models/broken/why/", {"customer_id": "a"}, 409, "ALLOW_PICKLED_MODELS"),
        ("/models/plain/why/", {}, 200, "takes its features with the request"),
        ("/models/none/why/", {}, 404, "not"),
    ]
    for address, values, status, text in asked:
        answer = client.get(address, values)
        assert (answer.status_code, text in answer.content.decode()) == (status, True), address


def test_without_redis_the_page_is_made_of_the_history(
    rfm: FeatureView, client: Client, settings: LazySettings
) -> None:
    with redis_is_away(settings, "STORE", "CACHE"):
        html = client.get(PAGE, {"customer_id": "a"}).content.decode()
    assert "Redis does not answer" in html
    assert "rfm:recency" in html


def test_a_version_that_is_nowhere_live_says_so(rfm: FeatureView, client: Client) -> None:
    register(churn_bytes(seed=1), features=["rfm:recency", "rfm:frequency"], environment="")
    answer = client.get("/api/1/models/churn/why?customer_id=a&version=2").json()
    assert (answer["version"], answer["deployment"], answer["environment"]) == (2, None, None)
    live = client.get("/api/1/models/churn/why?customer_id=a&version=1").json()
    assert live["deployment"]["environment"] == "production"


def test_the_deployment_is_left_out_while_postgresql_is_away(rfm: FeatureView) -> None:
    def away(*_: object) -> None:
        raise OperationalError("away")

    asker = User(is_superuser=True)
    explain_prediction(wanted=Wanted("churn"), user=asker, entity={"customer_id": "a"})
    with connection.execute_wrapper(away):
        why = explain_prediction(wanted=Wanted("churn"), user=asker, entity={"customer_id": "a"})
    assert (why.deployment, why.row.is_hit) == (None, True)


def test_a_model_whose_file_is_gone_is_told_on_the_page_and_to_programs(
    rfm: FeatureView, client: Client
) -> None:
    path = storage.path_of(hashlib.sha256(churn_bytes()).hexdigest())
    whole = path.read_bytes()
    path.unlink()
    try:
        page, answer = (
            client.get(f"{PAGE}?customer_id=a"),
            client.get("/api/1/models/churn/why?customer_id=a"),
        )
    finally:
        path.write_bytes(whole)
    assert (page.status_code, answer.status_code) == (503, 503)
    assert "There is no prediction." in page.content.decode()
