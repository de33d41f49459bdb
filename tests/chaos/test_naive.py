"""What one death between the two writes does to each form of the dual write."""

import contextlib
import random

import pytest

from tests.private_stack import PrivateStack

from .arenas import NaiveArena
from .checker import check
from .http_client import Api
from .ledger import Ledger, Told
from .naive import BETWEEN

pytestmark = [pytest.mark.chaos, pytest.mark.fault, pytest.mark.slow]
ORPHAN_AND_TWIN = {"only_postgres": 1, "duplicated": 1}


@pytest.mark.parametrize(
    ("variant", "damage"),
    [
        ("pg_then_mongo", ORPHAN_AND_TWIN),
        ("mongo_in_transaction", {"only_mongodb": 1, "duplicated": 1}),
        ("on_commit_async", ORPHAN_AND_TWIN),
    ],
)
def test_one_death_between_the_writes_is_seen(
    stack: PrivateStack, variant: str, damage: dict[str, int]
) -> None:
    ledger = Ledger("naive", runs=[Told("r1")])
    doomed, healthy = NaiveArena(stack, variant, crash_at=f"{BETWEEN}:1"), NaiveArena(stack, variant)
    with contextlib.closing(doomed):
        doomed.open()
        assert register(doomed.url) == 0
    with contextlib.closing(healthy):
        healthy.start()
        assert register(healthy.url) == 201
        healthy.settle(ledger)
        findings = check(ledger, healthy.read(ledger))
    assert {name: count for name, count in vars(findings).items() if count} == damage


def register(url: str) -> int:
    with contextlib.closing(Api(url, "none", random.Random(0))) as api:
        return api.ask("POST", "/api/1/runs", {"name": "r1"}, "the same key").status
