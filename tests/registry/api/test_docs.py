"""docs/api.md is tried line by line."""

import datetime as dt
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import resolve

from features.models import Entity, Feature, FeatureView, Onboarding
from features.queries.view_schemas import view_schema
from features.services.online_features import OnlineRow, write_online_features
from registry.api.errors import FAILURES
from registry.models import Experiment, Saga, TrainingRun
from tests.factories import CustomerFactory, RunFactory, UserFactory
from tests.features.served import churn_bytes, register
from tests.routes.walking import every_route

from .conftest import Api

PAGE = (Path(__file__).resolve().parents[3] / "docs/api.md").read_text()
LINES = re.findall(r"^ask (.+)$", PAGE, re.MULTILINE)


def asked(line: str, values: dict[str, str]) -> tuple[str, str, dict[str, Any]]:
    """Method, path and the rest of a line, as curl would send it."""
    text = re.sub(r"""'?\$(\w+)'?""", lambda match: values[match[1]], line)
    words = shlex.split(text.replace("-d '{", "-d  '{"))
    found: dict[str, Any] = {"method": "GET", "headers": {}, "body": b""}
    path = ""
    while words:
        word = words.pop(0)
        if word == "-X":
            found["method"] = words.pop(0)
        elif word == "-H":
            name, _, value = words.pop(0).partition(": ")
            found["headers"][name] = value
        elif word in ("-d", "--data-binary"):
            found["body"] = words.pop(0).encode()
        else:
            path = word
    return found["method"], path, found


@pytest.mark.django_db
def test_every_line_of_the_page_works_and_every_route_has_one(
    api_of: Callable[..., Api], mongo: None, redis_keys: None
) -> None:
    api = api_of(User.objects.create_superuser("admin"))
    UserFactory.create(username="ada")
    CustomerFactory.create(customer_id="00001")
    spare = RunFactory.create()
    customer = Entity.objects.create(name="customer", join_keys=["customer_id"])
    for name, feature in (("customer_rfm", "frequency"), ("customer_session", "pages_viewed")):
        view = FeatureView.objects.create(name=name, entity=customer)
        Feature.objects.create(view=view, name=feature, value_type="int")
    register(churn_bytes(1), name="customer-churn", features=["customer_rfm:frequency"])
    row = OnlineRow("00001", dt.datetime(1998, 6, 30, tzinfo=dt.UTC), {"frequency": 2})
    write_online_features(view=view_schema("customer_rfm"), rows=[row])
    shown = set()
    for line in LINES:
        experiment = Experiment.objects.filter(name="first").first()
        run = TrainingRun.objects.filter(experiment=experiment).first()
        saga = Saga.objects.first()
        onboarding = Onboarding.objects.first()
        values = {
            "SITE": "",
            "URL": "/api/1",
            "RUN_ID": run.run_id if run else "",
            "EXPERIMENT_ID": experiment.experiment_id if experiment else "",
            "SAGA_ID": saga.saga_id if saga else "",
            "ONBOARDING_ID": onboarding.onboarding_id if onboarding else "",
            "SPARE_RUN_ID": spare.run_id,
            "SPARE_EXPERIMENT_ID": spare.experiment.experiment_id,
        }
        method, path, found = asked(line, values)
        answer = api.ask(method, path, found["body"], **found["headers"])
        assert answer.status_code in (200, 201, 202, 204), f"{line}: {answer.content[:300]!r}"
        shown.add((method, resolve(path.partition("?")[0]).view_name))
        if answer.streaming:
            answer.getvalue()
    ours = [route for route in every_route() if not route.name.startswith("mlflow:")]
    wanted = {(method, route.name) for route in ours for method in route.methods or []}
    assert wanted - shown == {("GET", "api:nowhere")}


@pytest.mark.parametrize("failure", [failure for _, failure in FAILURES], ids=lambda each: each.code)
def test_every_error_is_documented(failure: Any) -> None:
    row = re.search(rf"^\| {failure.status} \|(.+)\|", PAGE, re.MULTILINE)
    assert row, failure.status
    assert f"`{failure.code}`" in row[1]
