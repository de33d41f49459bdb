"""The login pages under guessing (abuse case A22)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client

from features.online import connection
from mlplatform_site import checks
from registry.limits import allowances

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_keys")]


@pytest.fixture(autouse=True)
def _ada(settings: LazySettings) -> Iterator[None]:
    allowances.forget_all()
    settings.LOGIN_FAILURES_PER_ADDRESS, settings.LOGIN_FAILURES_PER_USER = 3, 6
    User.objects.create_superuser("ada", password="right")
    yield
    allowances.forget_all()


def log_in(
    password: str, *, client: Client | None = None, address: str = "10.0.0.1", page: str = "/login/"
) -> Any:
    fields = {"username": "ada", "password": password}
    return (client or Client()).post(page, fields, REMOTE_ADDR=address)


@pytest.mark.parametrize("page", ["/login/", "/admin/login/"])
@pytest.mark.parametrize("redis", ["there", "away"])
def test_wrong_logins_end_in_a_page_that_says_how_long_to_wait(
    page: str, redis: str, settings: LazySettings
) -> None:
    if redis == "away":
        settings.REDIS_CACHE_URL = "redis://127.0.0.1:1/0"
    connection.cache.cache_clear()
    answers = [log_in("wrong", page=page) for _ in range(5)]
    connection.cache.cache_clear()
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert 200 < int(answers[-1]["Retry-After"]) <= 320
    assert "Wait 6 minutes" in answers[-1].content.decode()


def test_the_right_password_does_not_open_while_the_address_waits_and_does_from_another() -> None:
    for _ in range(4):
        log_in("wrong")
    assert log_in("right").status_code == 429
    assert log_in("right", address="10.0.0.2").status_code == 302


def test_right_logins_use_up_nothing() -> None:
    assert {log_in("right").status_code for _ in range(8)} == {302}


def test_whoever_is_logged_in_guesses_no_more_than_others() -> None:
    client = Client()
    assert log_in("right", client=client).status_code == 302
    answers = [log_in("wrong", client=client).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 429, 429]


def test_a_browser_that_logged_in_before_is_not_shut_out_by_guesses_from_everywhere() -> None:
    known = Client()
    assert log_in("right", client=known).status_code == 302
    for number in range(8):
        log_in("wrong", address=f"10.0.1.{number}")
    assert log_in("right", address="10.9.9.9").status_code == 429
    assert log_in("right", client=known, address="10.9.9.9").status_code == 302
    assert log_in("right", client=known, address="10.0.1.1").status_code == 302


def test_a_browser_that_logged_in_before_is_not_shut_out_by_guesses_from_its_own_address() -> None:
    known = Client()
    assert log_in("right", client=known).status_code == 302
    for _ in range(4):
        log_in("wrong")
    assert log_in("right").status_code == 429
    assert log_in("right", client=known).status_code == 302


def test_a_user_name_is_one_however_it_is_spelled() -> None:
    for number, name in enumerate(["ada", " ada", "ada\t", "\uff41da", "ADA", "  ada  "]):
        Client().post("/login/", {"username": name, "password": "x"}, REMOTE_ADDR=f"10.0.1.{number}")
    assert log_in("right", address="10.9.9.9").status_code == 429


def test_the_cookie_of_a_browser_is_of_its_user_alone() -> None:
    client = Client()
    log_in("right", client=client)
    cookie = client.cookies["mlplatform_device"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    User.objects.create_user("eve", password="wrong for ada")
    for number in range(8):
        Client().post("/login/", {"username": "eve", "password": "x"}, REMOTE_ADDR=f"10.0.1.{number}")
    answer = client.post("/login/", {"username": "eve", "password": "wrong for ada"}, REMOTE_ADDR="10.9.9.9")
    assert answer.status_code == 429


@pytest.mark.parametrize(("proxies", "warnings"), [(0, ["mlplatform.W001"]), (1, [])])
def test_a_proxy_whose_clients_would_share_one_address_is_told(
    settings: LazySettings, proxies: int, warnings: list[str]
) -> None:
    assert checks.addresses_are_those_of_clients() == []
    settings.SECURE_PROXY_SSL_HEADER, settings.TRUSTED_PROXIES = ("HTTP_X_FORWARDED_PROTO", "https"), proxies
    assert [each.id for each in checks.addresses_are_those_of_clients()] == warnings


def test_another_site_s_form_uses_up_nobody_s_failures() -> None:
    forged = Client(enforce_csrf_checks=True)
    assert {log_in("wrong", client=forged).status_code for _ in range(5)} == {403}
    assert log_in("right").status_code == 302
