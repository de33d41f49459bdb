"""Fixtures on the real servers."""

from typing import Any

import pytest
from pymongo.database import Database

from registry.documents import collections, connection


@pytest.fixture(scope="session")
def _collections() -> None:
    for _ in collections.create_collections():
        pass


@pytest.fixture
def mongo(_collections: None) -> Database[dict[str, Any]]:
    """The worker's own MongoDB database, its collections there and empty."""
    assert connection.database_name().endswith("_test")
    database = connection.database()
    for spec in collections.SPECS:
        database[spec.name].delete_many({})
    return database
