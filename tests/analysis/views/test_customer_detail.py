"""One customer's page."""

import pytest
from django.test import Client
from django.utils import timezone

from registry.messaging import Queues
from registry.models import Delivery
from tests.factories import CustomerScoreFactory, PurchaseFactory, UserFactory
from tests.working import work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("redis_keys", "broker")]


@pytest.fixture
def admin(admin: Client) -> Client:
    scored = CustomerScoreFactory.create(
        customer__customer_id="00042", customer__name="Grace <H>", segment="vip", p_alive=0.004
    )
    PurchaseFactory.create(customer=scored.customer, amount="12.50")
    return admin


def html(client: Client, status: int = 200) -> str:
    response = client.get("/customers/00042/")
    assert response.status_code == status
    return response.content.decode()


def test_a_page_asks_for_what_is_missing_and_looks_again_until_it_is_there(admin: Client) -> None:
    page = html(admin)
    for text in (
        "Grace &lt;H&gt;",
        "$12.50",
        "waits in the outbox",
        "priority 9 of 9",
        'data-again-seconds="3"',
        "Look again",
    ):
        assert text in page
    work(Queues.REQUESTS)
    page = html(admin)
    assert "Look again" not in page
    assert "data-again-seconds" not in page
    assert "lets people leave only right after a repeated purchase" in page
    for text in (
        "read from Redis",
        "Bought within 45 days",
        "0.4 %",  # as the list has it
        "$100.00",
        "No version of customer-churn",
    ):
        assert text.lower() in page.lower()


def test_a_page_says_why_there_are_no_predictions(admin: Client) -> None:
    html(admin)
    Delivery.objects.update(state="dead", reason="the file is damaged", finished_at=timezone.now())
    assert "the file is damaged" in html(admin)


def test_single_customers_are_for_those_who_may_view_them(admin: Client) -> None:
    admin.force_login(UserFactory.create())
    html(admin, 403)


def test_nobody_has_no_page(admin: Client) -> None:
    assert admin.get("/customers/x/").status_code == 404
