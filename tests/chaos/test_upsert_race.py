"""Eight versions of one missing document, written at once: the newest must stay."""

import random
import threading
from collections.abc import Callable
from typing import Any

import pymongo
import pytest
from pymongo import UpdateOne
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import BulkWriteError

from registry.documents.guarded import replace_older

pytestmark = [pytest.mark.fault, pytest.mark.chaos, pytest.mark.slow]
VERSIONS = range(1, 9)
TRIALS = 150
DUPLICATE_KEY = 11000
Document = dict[str, Any]
Write = Callable[[Document], UpdateOne]


def guarded_in_the_filter(document: Document) -> UpdateOne:
    """The recipe that is usually given; a duplicate key is taken as "there is a newer one"."""
    version = document["v"]
    return UpdateOne({"_id": document["_id"], "v": {"$lt": version}}, {"$set": {"v": version}}, upsert=True)


def ends_on_an_older_version(collection: Collection[Document], trial: int, write: Write) -> bool:
    barrier = threading.Barrier(len(VERSIONS))
    codes: set[int] = set()

    def go(version: int) -> None:
        barrier.wait()
        try:
            collection.bulk_write([write({"_id": trial, "v": version})], ordered=False)
        except BulkWriteError as error:
            codes.update(failure["code"] for failure in error.details["writeErrors"])

    racers = [
        threading.Thread(target=go, args=[version]) for version in random.sample(VERSIONS, len(VERSIONS))
    ]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert codes <= {DUPLICATE_KEY}
    found = collection.find_one({"_id": trial})
    return found is None or found["v"] != max(VERSIONS)


@pytest.fixture
def raced(mongo: Database[Document]) -> Collection[Document]:
    collection = mongo["raced"].with_options(write_concern=pymongo.WriteConcern(w=1, j=False))
    collection.delete_many({})
    return collection


def test_the_guarded_write_always_ends_on_the_newest(raced: Collection[Document]) -> None:
    assert not any(ends_on_an_older_version(raced, trial, replace_older) for trial in range(TRIALS))


def test_a_guard_in_the_filter_sometimes_ends_on_an_older_one(raced: Collection[Document]) -> None:
    """So the race above is a real one."""
    assert any(ends_on_an_older_version(raced, trial, guarded_in_the_filter) for trial in range(10 * TRIALS))
