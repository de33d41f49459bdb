"""Two views of customers, and a program that asks for them."""

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from features.models import Entity, Feature, FeatureView
from features.queries.view_schemas import forget_view_schemas
from registry.services.api_tokens import issue_token
from tests.factories import UserFactory

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
STAMP = f"{NOW:%Y-%m-%dT%H:%M:%S}Z"
TYPES = {"recency": "int", "amount": "float", "city": "string", "is_new": "bool", "profile": "vector"}


@dataclass
class Program:
    """Asks at the root of the site, with a token."""

    token: str

    def post(self, path: str, body: Any, **headers: str) -> Any:
        headers = {"authorization": f"Bearer {self.token}", **headers}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        client = Client(raise_request_exception=False)
        return client.post(path, data, content_type="application/json", headers=headers)

    def features(self, *features: str, **body: Any) -> Any:
        asked = {"features": list(features), "entities": {"customer_id": ["7"]}, **body}
        return self.post("/get-online-features", asked)


@pytest.fixture
def program_of() -> Callable[..., Program]:
    def make(*scopes: str) -> Program:
        return Program(issue_token(user=UserFactory.create(), name="test", scopes=scopes)[0])

    return make


@pytest.fixture
def program(program_of: Callable[..., Program]) -> Program:
    return program_of("read", "write")


@pytest.fixture
def views(db: None, redis_keys: None) -> None:
    """``spending``, of every type, whose values hold for a day; ``visits``, whose values stay."""
    forget_view_schemas()
    entity = Entity.objects.create(name="customer", join_keys=["customer_id"])
    spending = FeatureView.objects.create(name="spending", entity=entity, ttl_seconds=86_400)
    visits = FeatureView.objects.create(name="visits", entity=entity)
    for name, value_type in TYPES.items():
        Feature.objects.create(view=spending, name=name, value_type=value_type)
    for name in ("count", "recency"):
        Feature.objects.create(view=visits, name=name, value_type="int")


def failure(answer: Any) -> tuple[int, str, str]:
    """Status, Feast's class and the message of a failure, told as Feast tells it."""
    told = json.loads(answer.json())
    assert told["module"] == "feast.errors"
    return answer.status_code, told["class"], told["message"]
