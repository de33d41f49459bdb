import pytest
from django.db import OperationalError, connection
from django.http import HttpRequest
from django.test import Client, RequestFactory

from mlplatform_site.errors import failure
from registry.exceptions import StoreUnavailableError
from tests.factories import UserFactory


def answered(error: Exception) -> tuple[int, str]:
    """The page for an error that a view raised."""
    request: HttpRequest = RequestFactory().get("/")
    try:
        raise error
    except type(error):
        response = failure(request)
    return response.status_code, response.content.decode()


@pytest.mark.parametrize("error", [OperationalError("gone"), StoreUnavailableError("gone")])
def test_a_store_that_is_away_is_503_with_cause_and_cure(error: Exception) -> None:
    status, html = answered(error)
    assert status == 503
    assert "manage.py doctor" in html


def test_any_other_failure_is_500_and_tells_nothing_inside() -> None:
    status, html = answered(ValueError("secret"))
    assert status == 500
    assert "Something broke" in html
    assert "secret" not in html


@pytest.mark.django_db
def test_a_page_without_postgresql_says_so(client: Client) -> None:
    client.force_login(UserFactory.create())
    client.raise_request_exception = False

    def refuse(*_: object) -> None:
        raise OperationalError("the server closed the connection")

    with connection.execute_wrapper(refuse):
        response = client.get("/runs/")
    assert response.status_code == 503
    assert response["Retry-After"] == "10"


@pytest.mark.django_db
def test_an_unknown_address_is_404_with_a_way_back(client: Client) -> None:
    client.force_login(UserFactory.create())
    response = client.get("/no/such/page/")
    assert response.status_code == 404
    assert "Back to the overview" in response.content.decode()
