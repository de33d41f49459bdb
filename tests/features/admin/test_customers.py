import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from features.models import Purchase
from tests.factories import PurchaseFactory

pytestmark = pytest.mark.django_db


def test_a_customer_with_many_purchases_shows_the_newest_in_one_statement(admin_client: Client) -> None:
    customer = PurchaseFactory.create().customer
    url = f"/admin/features/customer/{customer.pk}/change/"
    admin_client.get(url)
    with CaptureQueriesContext(connection) as one:
        admin_client.get(url)
    Purchase.objects.bulk_create(PurchaseFactory.build(customer=customer) for _ in range(250))
    with CaptureQueriesContext(connection) as many:
        page = admin_client.get(url).content.decode()
    assert len(many) == len(one)
    assert "Only the first 200 are shown." in page
