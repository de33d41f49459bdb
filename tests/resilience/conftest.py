"""Stores that are away are waited for as long as in production, not as long as by the other tests."""

from typing import Any

import pytest
from django.conf import LazySettings

REDIS_SECONDS = 0.25


@pytest.fixture(autouse=True)
def _patience_of_production(settings: LazySettings) -> None:
    settings.REDIS_TIMEOUT_SECONDS = REDIS_SECONDS
    cache: dict[str, Any] = settings.CACHES["default"]
    patience = dict.fromkeys(("SOCKET_CONNECT_TIMEOUT", "SOCKET_TIMEOUT"), REDIS_SECONDS)
    settings.CACHES = {"default": {**cache, "OPTIONS": {**cache["OPTIONS"], **patience}}}
