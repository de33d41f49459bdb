import pytest


@pytest.fixture(scope="session")
def _collections():
    from registry.documents import collections

    list(collections.create_collections())


@pytest.fixture
def mongo(_collections):
    from registry.documents.connection import database, database_name

    assert database_name().endswith("_test")
    for n in database().list_collection_names():
        database()[n].delete_many({})
    return database()
