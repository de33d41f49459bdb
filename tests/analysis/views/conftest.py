import pytest
from django.test import Client

from tests.factories import UserFactory


@pytest.fixture
def reader(client: Client) -> Client:
    """A browser that is logged in."""
    client.force_login(UserFactory.create())
    return client
