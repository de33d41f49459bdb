from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User

from features.predicting import loading
from features.services.served_models import forget_served_models
from tests.factories import UserFactory


@pytest.fixture
def nothing_served(mongo: None, redis_keys: None) -> Iterator[None]:
    """Neither this process nor Redis knows of a model."""
    forget_served_models()
    loading.loaded_models().forget()
    yield
    forget_served_models()


@pytest.fixture
def user() -> User:
    return UserFactory.create()
