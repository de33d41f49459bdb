"""Abuse case A22: more requests than allowed, and wrong credentials by the hundred."""

import base64
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client, RequestFactory

from features.online import connection
from registry.api.addresses import client_address
from registry.api.attempts import password_attempt
from registry.exceptions import RateLimitedError
from registry.limits import allowances

from .conftest import Api

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_keys")]
OURS, MLFLOW = "/api/1/nowhere", "/api/2.0/mlflow/nowhere"


@pytest.fixture(autouse=True)
def _fresh_windows() -> Iterator[None]:
    allowances.forget_all()
    yield
    allowances.forget_all()


@pytest.fixture(params=["redis there", "redis away"])
def redis(request: pytest.FixtureRequest, settings: LazySettings) -> Iterator[None]:
    if request.param == "redis away":
        settings.REDIS_CACHE_URL = "redis://127.0.0.1:1/0"
    connection.cache.cache_clear()
    yield
    connection.cache.cache_clear()


def ask(path: str, *, address: str = "10.0.0.1", **headers: str) -> Any:
    return Client().get(path, headers=headers, REMOTE_ADDR=address)


def basic(username: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{secret}".encode()).decode()


def statuses(asked: list[Any]) -> list[int]:
    return [answer.status_code for answer in asked]


def test_a_token_that_asks_too_often_is_told_when_to_go_on(
    redis: None, settings: LazySettings, api_of: Callable[..., Api]
) -> None:
    settings.RATE_LIMIT_TOKEN_PER_MINUTE = 3
    token = {"authorization": f"Bearer {api_of().token}"}
    asked = [ask(OURS, **token) for _ in range(5)]
    assert statuses(asked) == [404, 404, 404, 429, 429]
    assert asked[-1].json()["error"]["code"] == "rate_limited"
    assert 1 <= int(asked[-1]["Retry-After"]) <= 63
    assert ask(OURS, authorization=f"Bearer {api_of().token}").status_code == 404


def test_mlflow_is_told_in_its_words(settings: LazySettings, api_of: Callable[..., Api]) -> None:
    settings.RATE_LIMIT_TOKEN_PER_MINUTE = 1
    token = {"authorization": f"Bearer {api_of().token}"}
    refused = [ask(MLFLOW, **token) for _ in range(2)][-1]
    assert refused.status_code == 429
    assert refused.json()["error_code"] == "REQUEST_LIMIT_EXCEEDED"
    assert int(refused["Retry-After"]) >= 1


def test_an_address_is_limited_before_it_is_asked_who_it_is(redis: None, settings: LazySettings) -> None:
    settings.RATE_LIMIT_ADDRESS_PER_MINUTE = 2
    assert statuses([ask(OURS) for _ in range(4)]) == [401, 401, 429, 429]
    assert ask(OURS, address="10.0.0.2").status_code == 401


def test_the_limits_can_be_switched_off(settings: LazySettings) -> None:
    settings.RATE_LIMIT_ADDRESS_PER_MINUTE = settings.RATE_LIMIT_TOKEN_PER_MINUTE = 0
    assert statuses([ask(OURS)]) == [401]
    assert not allowances._known


@pytest.mark.parametrize(
    ("proxies", "passed", "address"),
    [
        (0, "1.2.3.4", "10.0.0.1"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.0.0.9", "1.2.3.4"),
        (2, "1.2.3.4", "10.0.0.1"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        (1, "::ffff:1.2.3.4", "1.2.3.4"),
        (1, "1.2.3.4:4711", "1.2.3.4"),
        (1, "[2001:db8:1:2:3:4:5:6]:4711", "2001:db8:1:2::"),
        (1, "no address" * 100, "unknown"),
    ],
)
def test_what_a_proxy_says_counts_only_where_it_is_trusted(
    settings: LazySettings, proxies: int, passed: str, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": passed})
    assert client_address(request) == address


@pytest.fixture
def ada(settings: LazySettings) -> User:
    settings.LOGIN_FAILURES_PER_ADDRESS, settings.LOGIN_FAILURES_PER_USER = 5, 12
    return User.objects.create_user("ada", password="right")


def test_of_a_thousand_passwords_few_may_be_tried(redis: None, ada: User) -> None:
    refused = 0
    for _ in range(1_000):
        with suppress(RateLimitedError), password_attempt(address="10.0.0.9", username="ada") as attempt:
            attempt.failed()
            continue
        refused += 1
    assert refused == 995


def test_wrong_passwords_end_in_429_and_another_address_still_may(redis: None, ada: User) -> None:
    asked = [ask(OURS, authorization=basic("ada", f"wrong{number}")) for number in range(8)]
    assert statuses(asked) == [401] * 5 + [429] * 3
    assert int(asked[-1]["Retry-After"]) >= 1
    assert ask(OURS, authorization=basic("ada", "right")).status_code == 429
    assert ask(OURS, authorization=basic("ada", "right"), address="10.0.0.2").status_code == 404


def test_a_user_name_that_is_guessed_from_many_addresses_waits(ada: User) -> None:
    asked = [
        ask(OURS, authorization=basic("Ada", "wrong"), address=f"10.0.1.{number}") for number in range(14)
    ]
    assert statuses(asked) == [401] * 12 + [429] * 2
    assert ask(OURS, authorization=basic("ada", "right"), address="10.9.9.9").status_code == 429
    assert ask(OURS, authorization=basic("eve", "wrong"), address="10.9.9.9").status_code == 401


def test_right_passwords_use_up_nothing(ada: User) -> None:
    asked = [ask(OURS, authorization=basic("ada", "right")) for _ in range(20)]
    assert statuses(asked) == [404] * 20


def test_bad_tokens_are_slowed_down_and_good_ones_never(
    redis: None, ada: User, api_of: Callable[..., Api]
) -> None:
    good = api_of(ada).token
    bad = [f"Bearer {good}x", basic("ada", f"{good}x"), basic("eve", good)]
    assert statuses([ask(OURS, authorization=each) for each in bad * 3]) == [401] * 5 + [429] * 4
    assert ask(OURS, authorization=f"Bearer {good}").status_code == 404
    assert ask(OURS, authorization=basic("ada", good)).status_code == 404
    assert ask(OURS).status_code == 401
