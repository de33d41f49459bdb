import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from tests.factories import UserFactory


@pytest.fixture
def reader(client: Client) -> Client:
    """A browser that is logged in."""
    client.force_login(UserFactory.create())
    return client


@pytest.fixture
def admin(client: Client) -> Client:
    """A browser of one who may do everything."""
    client.force_login(User.objects.create_superuser("ada"))
    return client


@pytest.fixture
def staff(client: Client) -> Client:
    """A browser of one whose every permission is looked up, and who may view everything."""
    user = UserFactory.create(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    return client
