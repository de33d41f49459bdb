"""MLflow's API as one user's client sees it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from django.contrib.auth.models import User
from django.test import Client

from registry.models import Experiment, TrainingRun
from registry.services.api_tokens import issue_token
from registry.sync.run_bodies import kept_body
from tests.factories import ExperimentFactory, RunFactory, UserFactory

ROOT = "/api/2.0/mlflow/"


@dataclass
class Mlflow:
    """Asks as one user; fields go into the query string of a GET, else into the body."""

    user: User
    token: str

    def ask(self, method: str, path: str, fields: Any = None) -> Any:
        address = path if path.startswith("/") else ROOT + path
        body = b""
        if method == "GET" and fields:
            address += f"?{urlencode(fields, doseq=True)}"
        elif fields is not None:
            body = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
        return Client(raise_request_exception=False).generic(
            method, address, body, content_type="application/json",
            headers={"Authorization": f"Bearer {self.token}"},
        )  # fmt: skip

    def get(self, path: str, **fields: Any) -> Any:
        """The answer's JSON; the request must succeed."""
        return self._good(self.ask("GET", path, fields))

    def post(self, path: str, **fields: Any) -> Any:
        return self._good(self.ask("POST", path, fields))

    def patch(self, path: str, **fields: Any) -> Any:
        return self._good(self.ask("PATCH", path, fields))

    def delete(self, path: str, **fields: Any) -> Any:
        return self._good(self.ask("DELETE", path, fields))

    def refused(self, method: str, path: str, fields: Any = None) -> tuple[int, str, str]:
        """Status, error code and message of a request that must fail."""
        response = self.ask(method, path, fields)
        found = orjson.loads(response.content)
        return response.status_code, found["error_code"], found["message"]

    @staticmethod
    def _good(response: Any) -> Any:
        assert response.status_code == 200, response.content
        return orjson.loads(response.content)


@pytest.fixture
def mlflow_of() -> Callable[..., Mlflow]:
    """The API as seen by a user, all scopes unless said otherwise."""

    def make(user: User | None = None, scopes: tuple[str, ...] = ("read", "write", "admin")) -> Mlflow:
        user = user or UserFactory.create()
        return Mlflow(user, issue_token(user=user, name="test", scopes=scopes)[0])

    return make


@pytest.fixture
def mlflow(db: None, mlflow_of: Callable[..., Mlflow]) -> Mlflow:
    """An ordinary user with a token of all scopes."""
    return mlflow_of()


@pytest.fixture
def experiment(mlflow: Mlflow) -> Experiment:
    """An experiment of that user's own."""
    return ExperimentFactory.create(created_by=mlflow.user)


@pytest.fixture
def run(experiment: Experiment) -> TrainingRun:
    """A running run in it."""
    return RunFactory.create(experiment=experiment, status="RUNNING")


def kept(run: TrainingRun) -> dict[str, Any]:
    """The run's body as PostgreSQL keeps it for MongoDB."""
    body = kept_body(run.run_id)
    assert body is not None
    return body
