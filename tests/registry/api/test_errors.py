from collections.abc import Callable
from typing import Any

import pytest
from django.db import DataError, IntegrityError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from registry import exceptions
from registry.api.errors import FAILURES, error_answer
from registry.api.routing import endpoint, route
from registry.enums import TokenScope

from .conftest import Api


def test_every_error_of_ours_has_a_status_below_500_or_says_when_to_ask_again() -> None:
    for name, kind in vars(exceptions).items():
        if isinstance(kind, type) and issubclass(kind, exceptions.RegistryError):
            answer = error_answer(kind("cause and cure"))
            assert answer.status_code < 500 or answer["Retry-After"], name


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OperationalError("secret"), 503), (InterfaceError("secret"), 503), (DataError("secret"), 400),
        (IntegrityError("secret"), 409), (ValueError("secret"), 500), (RecursionError("secret"), 500),
    ],
)  # fmt: skip
def test_an_error_that_is_not_ours_tells_nothing(error: Exception, status: int) -> None:
    answer = error_answer(error)
    assert answer.status_code == status
    assert b"secret" not in answer.content


def test_no_error_is_hidden_behind_a_wider_one() -> None:
    for place, (kind, _) in enumerate(FAILURES):
        assert not [earlier for earlier, _ in FAILURES[:place] if issubclass(kind, earlier)], kind


@pytest.mark.django_db
def test_a_view_that_breaks_is_answered_in_json_and_logged(
    api_of: Callable[..., Api], caplog: pytest.LogCaptureFixture
) -> None:
    @endpoint(TokenScope.READ)
    def broken(_request: HttpRequest, _caller: Any) -> HttpResponse:
        raise ZeroDivisionError

    request = RequestFactory().get("/", headers={"Authorization": f"Bearer {api_of().token}"})
    answer = route(GET=broken)(request)
    assert answer.status_code == 500
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.django_db
def test_other_apis_answer_errors_in_their_own_words() -> None:
    @endpoint(TokenScope.READ)
    def view(_request: HttpRequest, _caller: Any) -> HttpResponse:
        return HttpResponse()

    in_mlflow = route(answer_error=lambda error: HttpResponse(type(error).__name__, status=401), GET=view)
    answer: Any = in_mlflow(RequestFactory().get("/"))
    assert answer.content == b"NotAuthenticatedError"


@pytest.mark.django_db
def test_without_postgresql_the_answer_is_503_in_json(api_of: Callable[..., Api]) -> None:
    api = api_of()

    def refuse(*_: object) -> None:
        raise OperationalError("connection refused")

    with connection.execute_wrapper(refuse):
        answer: Any = api.get("tokens")
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    assert answer.json()["error"]["code"] == "store_unavailable"
