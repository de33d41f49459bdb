"""The primary of a three-node replica set is killed under writes: no acknowledged one is lost."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pymongo
import pytest
from pymongo.errors import PyMongoError

from registry.documents.connection import DURABLE
from registry.documents.guarded import replace_older
from tests.private_stack import PrivateStack
from tests.resilience.timing import until

from .replica_set import ReplicaSet, replica_set
from .story import Story
from .zygote import Zygote

pytestmark = [pytest.mark.chaos, pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(400)]
WRITERS = 4
LONGEST_ANSWER_SECONDS = 30


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicaSet]:
    with replica_set(tmp_path_factory.mktemp("replica-set")) as members:
        yield members


def test_no_write_that_a_majority_acknowledged_is_lost_with_the_primary(three: ReplicaSet) -> None:
    acknowledged: dict[int, int] = {}  # document → version
    is_over = threading.Event()
    with pymongo.MongoClient[dict[str, Any]](
        three.url, serverSelectionTimeoutMS=500, timeoutMS=1_000
    ) as client:
        documents = client["trial"].get_collection("written", write_concern=DURABLE)

        def write(writer: int) -> None:
            version = 0
            while not is_over.is_set():
                version += 1
                try:
                    documents.bulk_write([replace_older({"_id": writer, "v": version})], ordered=False)
                except PyMongoError:
                    continue
                acknowledged[writer] = version

        writers = [threading.Thread(target=write, args=[number]) for number in range(WRITERS)]
        for each in writers:
            each.start()
        try:
            until(lambda: len(acknowledged) == WRITERS, seconds=60)
            killed = three.primary()
            three.kill(killed)
            at_death = dict(acknowledged)
            three.primary()
            until(lambda: all(acknowledged[each] > at_death[each] for each in at_death), seconds=60)
        finally:
            is_over.set()
            for each in writers:
                each.join()
        three.restart(killed)
    with pymongo.MongoClient[dict[str, Any]](three.url, timeoutMS=20_000) as client:
        kept = {each["_id"]: each["v"] for each in client["trial"]["written"].find({})}
    assert all(kept[writer] >= version for writer, version in acknowledged.items())


def test_registrations_go_on_while_there_is_no_primary_and_arrive_at_the_next(
    stack: PrivateStack, three: ReplicaSet
) -> None:
    done = stack.manage("init_stores", MONGODB_URL=three.url)
    assert done.returncode == 0, done.stderr
    stories = []
    with Zygote(stack, MONGODB_URL=three.url) as client:
        for number in range(6):
            if number == 1:
                killed = three.primary()
                three.kill(killed)
            story, began = Story(stack, client, mongodb_url=three.url), time.monotonic()
            for operation in ("register", "change", "end"):
                story.perform(operation)
            stories.append(story)
            assert time.monotonic() - began < LONGEST_ANSWER_SECONDS
        three.restart(killed)
        three.primary()
        stories[0].relay()
    for story in stories:
        story.assert_all_is_well()
