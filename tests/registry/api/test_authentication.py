"""Abuse cases A16, A19 and A20, and every way to say who one is."""

import base64
import datetime as dt
import time
from collections.abc import Callable
from typing import Any

import psycopg2.errors
import pytest
from django.conf import LazySettings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.test import Client, RequestFactory
from django.utils import timezone

from registry.api.authentication import Caller, _remembered, authenticate
from registry.exceptions import NotAuthenticatedError
from registry.models import ApiToken, Experiment
from registry.postgres.deadlines import PostgresDeadlineError
from tests.factories import UserFactory

from .conftest import Api

pytestmark = pytest.mark.django_db
ADDRESS = "/api/1/tokens"


def basic(username: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{secret}".encode()).decode()


def ask(authorization: str | None, client: Client | None = None) -> Any:
    headers = {} if authorization is None else {"Authorization": authorization}
    return (client or Client()).get(ADDRESS, headers=headers)


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada", password="a long password")


def test_a_token_is_taken_as_bearer_and_as_the_password_of_its_user(
    api_of: Callable[..., Api], ada: User
) -> None:
    token = api_of(ada).token
    assert ask(f"Bearer {token}").status_code == 200
    assert ask(f"bearer  {token}").status_code == 200
    assert ask(basic("ada", token)).status_code == 200
    assert ask(basic("ada", "a long password")).status_code == 200


def test_another_user_s_token_is_no_password(api_of: Callable[..., Api], ada: User) -> None:
    assert ask(basic("ada", api_of().token)).status_code == 401


@pytest.mark.parametrize(
    "authorization",
    [
        None, "", "Bearer", "Bearer ", "Bearer mlp_", "Bearer x", "Bearer " + "x" * 10_000, "Token abc",
        "Basic", "Basic ", "Basic !!!", "Basic YQ==", "Basic /////w==", basic("ada", "wrong"), basic("", ""),
        basic("nobody", "a long password"), basic("a\x00", "b"), basic("ada", "mlp_\x00"),
        basic("ada", "x" * 3_000), "Bearer \udcff".encode("utf-8", "replace").decode(),
    ],
)  # fmt: skip
def test_anything_else_is_answered_alike(ada: User, authorization: str | None) -> None:
    answer = ask(authorization)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "not_authenticated"
    assert answer.json() == ask(None).json()
    assert answer["WWW-Authenticate"] == 'Bearer realm="ML Platform"'


def test_an_expired_revoked_or_cut_token_and_one_of_a_user_who_left_are_refused(
    api_of: Callable[..., Api], ada: User
) -> None:
    token = api_of(ada).token
    assert ask(f"Bearer {token[:-1]}").status_code == 401
    now = timezone.now()
    for changes in ({"expires_at": now - dt.timedelta(seconds=1)}, {"revoked_at": now}):
        before = ApiToken.objects.values(*changes).get()
        ApiToken.objects.update(**changes)
        assert ask(f"Bearer {token}").status_code == 401
        ApiToken.objects.update(**before)
    assert ask(f"Bearer {token}").status_code == 200
    User.objects.update(is_active=False)
    assert ask(f"Bearer {token}").status_code == 401
    assert ask(basic("ada", "a long password")).status_code == 401


def test_an_unknown_user_s_password_is_hashed_too(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    original = MD5PasswordHasher.encode

    def encode(self: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return str(original(self, password, salt))

    monkeypatch.setattr(MD5PasswordHasher, "encode", encode)
    ask(basic("nobody", "wrong"))
    ask(basic("ada", "wrong"))
    assert len(hashed) == 2


def test_a_cookie_changes_nothing_whatever_its_origin(ada: User) -> None:
    client = Client()
    client.force_login(ada)
    answer = client.post(
        "/api/1/experiments", {"name": "x"}, "application/json", headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 401
    assert Experiment.objects.count() == 0


def test_a_token_opens_no_page(api_of: Callable[..., Api]) -> None:
    token = api_of(UserFactory.create(is_staff=True, is_superuser=True)).token
    for address in ("/", "/runs/", "/admin/"):
        assert Client().get(address, headers={"Authorization": f"Bearer {token}"}).status_code == 302


def test_a_wrong_host_is_refused(api: Api) -> None:
    answer = Client().get(ADDRESS, headers={"Authorization": f"Bearer {api.token}", "Host": "evil.example"})
    assert answer.status_code == 400


def test_one_issues_no_more_scopes_than_one_has(api_of: Callable[..., Api]) -> None:
    api = api_of(scopes=("admin",))
    refused = api.post("tokens", {"name": "more", "scopes": ["read", "admin"]})
    assert refused.status_code == 403
    made = api.post("tokens", {"name": "same", "scopes": ["admin"], "expires_in_days": 1})
    assert made.status_code == 201
    assert ask(f"Bearer {made.json()['token']['text']}").status_code == 200
    assert [each["name"] for each in api.get("tokens").json()["tokens"]] == ["same", "test"]
    assert api.ask("DELETE", "tokens/same").status_code == 204
    assert ask(f"Bearer {made.json()['token']['text']}").status_code == 401
    assert api.ask("DELETE", "tokens/none").status_code == 404


def caller_of(token: str) -> Caller:
    return authenticate(RequestFactory().get("/", headers={"Authorization": f"Bearer {token}"}))


def failing(cause: Exception) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise OperationalError("no answer") from cause

    return fail


@pytest.fixture
def shortly_kept(settings: LazySettings) -> None:
    settings.CREDENTIALS_KEPT_MS = 1
    _remembered.clear()


@pytest.mark.usefixtures("shortly_kept")
def test_credentials_that_were_good_only_read_while_postgresql_is_away(api: Api) -> None:
    assert caller_of(api.token).scopes > {"read"}
    time.sleep(0.002)
    with connection.execute_wrapper(failing(psycopg2.OperationalError("refused"))):
        assert caller_of(api.token).scopes == {"read"}
        answer = Client().post(
            "/api/1/experiments", "{}", "application/json", headers={"Authorization": f"Bearer {api.token}"}
        )
        assert answer.status_code == 503
        assert "nothing can be changed" in answer.json()["error"]["message"]
    assert caller_of(api.token).scopes > {"read"}


@pytest.mark.usefixtures("shortly_kept")
@pytest.mark.parametrize(
    "cause", [PostgresDeadlineError("5 s"), psycopg2.errors.LockNotAvailable("lock")], ids=repr
)
def test_a_postgresql_that_is_only_slow_is_not_away(api: Api, cause: Exception) -> None:
    caller_of(api.token)
    time.sleep(0.002)
    with connection.execute_wrapper(failing(cause)), pytest.raises(OperationalError):
        caller_of(api.token)


@pytest.mark.usefixtures("shortly_kept")
def test_a_revoked_token_that_was_refused_is_not_believed_while_postgresql_is_away(api: Api) -> None:
    caller_of(api.token)
    ApiToken.objects.update(revoked_at=timezone.now())
    time.sleep(0.002)
    with pytest.raises(NotAuthenticatedError):
        caller_of(api.token)
    with connection.execute_wrapper(failing(psycopg2.OperationalError())), pytest.raises(OperationalError):
        caller_of(api.token)
