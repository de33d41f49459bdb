import json
import pickle
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from features.models import Entity, Feature, FeatureView
from features.queries import view_schemas
from features.queries.view_schemas import view_schema
from features.services.online_features import OnlineRow, write_online_features
from features.services.served_models import _allowed, _deployed, _versions
from registry.services.api_tokens import issue_token
from registry.services.deployments import retire
from registry.services.model_aliases import set_alias
from registry.services.permissions import grant_permission
from tests.features.away import redis_is_away
from tests.features.served import churn, churn_bytes, register

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_served")]
ROW = [0.5, 0.1]


@pytest.fixture
def ask(user: User) -> Any:
    """Ask for a prediction: ``ask(model="churn", **fields)`` gives the status and the body."""
    token = issue_token(user=user, name="t", scopes=["read"])[0]

    def asked(address: str = "/predict/churn", **fields: Any) -> tuple[int, dict[str, Any]]:
        answer = Client().post(
            address,
            json.dumps(fields),
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )
        return answer.status_code, answer.json()

    return asked


def test_rows_of_the_request_are_answered_by_the_live_version(ask: Any) -> None:
    version = register(churn_bytes())
    status, body = ask(instances=[ROW, [-0.5, None]])
    assert status == 200
    assert body.pop("latency_ms") > 0
    rows = [[0.5, 0.1], [-0.5, float("nan")]]
    assert body == {
        "model": "churn",
        "version": 1,
        "environment": "production",
        "run_id": version.run.run_id,
        "predictions": churn().predict(rows).tolist(),
        "classes": [0, 1],
        "probabilities": churn().predict_proba(rows).tolist(),
    }


def test_a_promotion_is_answered_by_the_new_version_at_once(ask: Any) -> None:
    register(churn_bytes())
    assert ask(instances=[ROW])[1]["version"] == 1
    register(churn_bytes(seed=1))
    assert ask(instances=[ROW])[1]["version"] == 2
    assert ask(instances=[ROW], version=1)[1]["version"] == 1


def test_an_alias_and_an_environment_choose_the_version(ask: Any) -> None:
    register(churn_bytes(), environment="staging")
    register(churn_bytes(seed=1), environment="")
    set_alias(model="churn", alias="challenger", version=2)
    assert ask(instances=[ROW], environment="staging")[1]["version"] == 1
    body = ask(instances=[ROW], alias="challenger")[1]
    assert (body["version"], body["environment"]) == (2, None)


def test_a_model_that_is_not_there_is_told(ask: Any) -> None:
    register(churn_bytes())
    cases: list[tuple[str, dict[str, Any], int]] = [
        ("/predict/none", {}, 404),
        ("/predict/churn", {"environment": "staging"}, 404),
        ("/predict/churn", {"version": 7}, 404),
        ("/predict/churn", {"version": -(2**60)}, 404),
        ("/predict/churn", {"alias": "none"}, 404),
        ("/predict/churn", {"environment": "moon"}, 400),
        ("/predict/churn", {"version": 1, "alias": "a"}, 400),
        ("/predict/%2e%2e", {}, 404),
        ("/predict/%00", {}, 400),
        ("/predict/" + "x" * 3_000, {}, 404),
    ]
    for address, fields, status in cases:
        found, body = ask(address, instances=[ROW], **fields)
        assert (found, bool(body["error"]["message"])) == (status, True), address


def test_bad_input_is_answered_with_400(ask: Any) -> None:
    register(churn_bytes())
    cases: list[dict[str, Any]] = [
        {},
        {"instances": []},
        {"instances": [[1.0]]},
        {"instances": [["a", 1.0]]},
        {"instances": [1.0, 2.0]},
        {"instances": {"a": 1}},
        {"instances": [ROW, {"a": 1}]},
        {"instances": [{"a": 1, "b": 2}]},
        {"instances": [ROW] * 10_001},
        {"instances": [ROW], "columns": ["a", "a"]},
        {"instances": [ROW], "columns": ["a"]},
        {"instances": [ROW], "entities": {"customer_id": ["1"]}},
        {"entities": {"customer_id": ["1"]}, "columns": ["a"]},
        {"entities": {"customer_id": ["1"]}},
        {"instances": [ROW], "other": 1},
    ]
    for fields in cases:
        status, body = ask(**fields)
        assert (status, body["error"]["code"]) == (400, "bad_input"), fields


def test_names_are_those_of_the_declared_features(ask: Any) -> None:
    register(churn_bytes(), features=["rfm:recency", "rfm:frequency"])
    by_list = ask(instances=[ROW])[1]["probabilities"]
    assert ask(instances=[{"frequency": 0.1, "recency": 0.5}])[1]["probabilities"] == by_list
    assert ask(instances=[[0.1, 0.5]], columns=["frequency", "recency"])[1]["probabilities"] == by_list


def test_a_version_that_may_not_be_loaded_is_a_conflict(ask: Any) -> None:
    register(pickle.dumps(churn()), path="model.pkl")
    status, body = ask(instances=[ROW])
    assert (status, body["error"]["code"]) == (409, "conflict")
    assert "ALLOW_PICKLED_MODELS" in body["error"]["message"]


def test_who_may_not_read_the_experiment_does_not_know_of_the_model(ask: Any, user: User) -> None:
    version = register(churn_bytes())
    grant_permission(experiment=version.run.experiment, user=user, level="NO_PERMISSIONS", by=None)
    hidden = ask(instances=[ROW])
    retire(deployment_id=version.deployments.get().deployment_id)
    assert hidden == ask(instances=[ROW])
    assert hidden[0] == 404


def test_redis_away_leaves_the_deployment_to_postgresql(ask: Any, settings: LazySettings) -> None:
    register(churn_bytes())
    with redis_is_away(settings, "STORE", "CACHE"):
        assert ask(instances=[ROW])[1]["version"] == 1


def test_a_model_that_is_loaded_needs_two_statements_for_the_caller_alone(ask: Any) -> None:
    register(churn_bytes())
    ask(instances=[ROW])
    with CaptureQueriesContext(connection) as caught:
        ask(instances=[ROW])
    assert not [
        each["sql"] for each in caught if "modelversion" in each["sql"] or "deployment" in each["sql"]
    ]


def test_postgresql_away_leaves_predictions_to_memory_and_redis(ask: Any, settings: LazySettings) -> None:
    settings.CREDENTIALS_KEPT_MS = 1
    customer = Entity.objects.create(name="customer", join_keys=["customer_id"])
    view = FeatureView.objects.create(name="rfm", entity=customer)
    Feature.objects.create(view=view, name="recency", value_type="float")
    rows = [OnlineRow(name, timezone.now(), {"recency": 0.5}) for name in "ab"]
    write_online_features(view=view_schema("rfm"), rows=rows)
    register(churn_bytes(1), features=["rfm:recency"])
    assert ask(entities={"customer_id": ["a"]})[0] == 200
    for served in (_versions, _deployed, _allowed, view_schemas._remembered):
        for key, (value, at, _) in list(served._known.items()):
            served._known[key] = (value, at, 0.0)  # type: ignore[index, assignment]
    with connection.execute_wrapper(away):
        status, body = ask(entities={"customer_id": ["a", "b"]})
        assert (status, [each["cache"] for each in body["rows"]]) == (200, ["hit", "miss"])
        assert ask(instances=[[0.5]])[0] == 200
        assert ask(instances=[[0.5]], version=9)[0] == 503
        settings.CREDENTIALS_KEPT_AWAY_SECONDS = 0
        assert ask(instances=[[0.5]])[0] == 503


def away(*_: object) -> None:
    raise OperationalError("PostgreSQL did not answer and is left alone for 1.0 s more.")
