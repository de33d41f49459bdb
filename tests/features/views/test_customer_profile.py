"""``GET /api/1/customers/<id>/profile``."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from registry.services.api_tokens import issue_token
from tests.factories import CustomerScoreFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis_keys")]


@pytest.fixture
def ask(client: Client) -> Callable[[str], Any]:
    user = UserFactory.create(is_superuser=True)
    headers = {"Authorization": f"Bearer {issue_token(user=user, name='t', scopes=['read'])[0]}"}
    return lambda path: client.get(f"/api/1/customers/{path}", headers=headers)


@pytest.mark.parametrize("customer_id", ["shop/7", "shop/profile", "a b"])
def test_a_customer_is_named_by_any_id(ask: Callable[[str], Any], customer_id: str) -> None:
    CustomerScoreFactory.create(customer__customer_id=customer_id)
    answer = ask(f"{customer_id}/profile")
    assert (answer.status_code, answer["Retry-After"]) == (202, "1")
    assert answer.json()["customer_id"] == customer_id


def test_nobody_has_no_profile(ask: Callable[[str], Any]) -> None:
    assert ask("shop/8/profile").status_code == 404
    assert ask("shop/8").status_code == 404
