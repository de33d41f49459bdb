"""Users with tokens, and a client that speaks JSON."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http.response import HttpResponseBase
from django.test import Client

from registry.services.api_tokens import issue_token
from tests.factories import UserFactory


@dataclass
class Api:
    """Asks the API as one user."""

    user: User
    token: str

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponseBase:
        """``body``: anything that becomes JSON, or bytes as they are."""
        extra = {name: headers.pop(name) for name in ("CONTENT_LENGTH",) if name in headers}
        return Client(raise_request_exception=False).generic(
            method,
            path if path.startswith("/") else f"/api/1/{path}",
            body if isinstance(body, bytes) else as_json(body),
            content_type=headers.pop("content_type", "application/json"),
            headers={"Authorization": f"Bearer {self.token}", **headers},
            **extra,
        )

    def get(self, path: str, **headers: str) -> Any:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.ask("POST", path, body, **headers)


def as_json(body: Any) -> bytes:
    return b"" if body is None else json.dumps(body).encode()


@pytest.fixture
def api_of() -> Callable[..., Api]:
    """The API as seen by a user, all scopes unless said otherwise."""

    def make(user: User | None = None, scopes: tuple[str, ...] = ("read", "write", "admin")) -> Api:
        user = user or UserFactory.create()
        return Api(user, issue_token(user=user, name="test", scopes=scopes)[0])

    return make


@pytest.fixture
def api(db: None, mongo: None, api_of: Callable[..., Api]) -> Api:
    """An ordinary user with a token of all scopes."""
    return api_of()
