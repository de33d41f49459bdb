"""Messages and faults, in short, on either broker; in full: ``python -m tests.chaos.messaging_rounds``."""

from collections.abc import Iterator

import pytest

from tests.private_stack import PrivateStack

from .messaging_arena import Arena, RabbitBroker, RedisBroker
from .messaging_rounds import (
    TOO_EARLY,
    broker_emptied,
    broker_killed,
    duplicates,
    poison,
    urgent_first,
    worker_killed,
)

IN_HAND = 4  # of two processes: one each, and one each that waits for it

pytestmark = [pytest.mark.chaos, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("redis", marks=pytest.mark.fault),
        pytest.param("rabbitmq", marks=[pytest.mark.fault, pytest.mark.rabbit]),
    ],
)
def arena(request: pytest.FixtureRequest, stack: PrivateStack) -> Iterator[Arena]:
    """Relay and worker run already, for all tests: their start takes longer than most faults."""
    is_redis = request.param == "redis"
    broker = RedisBroker(stack) if is_redis else RabbitBroker(request.getfixturevalue("rabbit_node"))
    with Arena(stack, broker).at_work(patience=2) as arena:
        yield arena


def test_a_broker_that_is_killed_and_restarted_loses_and_doubles_nothing(arena: Arena) -> None:
    found = broker_killed(arena, 60)
    assert (found.done, found.lost, found.twice) == (60, 0, 0), found


def test_a_worker_that_is_killed_in_the_middle_of_tasks_loses_and_doubles_nothing(arena: Arena) -> None:
    found = worker_killed(arena, 40, times=1)
    assert (found.done, found.lost, found.twice) == (40, 0, 0), found


def test_what_kills_its_worker_or_can_t_be_read_is_a_dead_letter_and_holds_nothing_up(arena: Arena) -> None:
    found = poison(arena, 20)
    assert (found.done, found.dead, found.lost, found.twice) == (20, 6, 0, 0), found


def test_a_broker_that_is_emptied_loses_nothing_for_good(arena: Arena) -> None:
    found = broker_emptied(arena, 30)
    assert (found.done, found.lost, found.twice) == (30, 0, 0), found
    assert found.published >= 60 - IN_HAND, found


def test_messages_that_come_three_times_are_done_once(arena: Arena) -> None:
    found = duplicates(arena, 30)
    assert (found.done, found.lost, found.twice) == (30, 0, 0), found
    assert found.published >= 90, found


def test_what_is_more_urgent_is_done_first_though_it_came_last(arena: Arena) -> None:
    found = urgent_first(arena, 60)
    assert (found.done, found.lost, found.twice) == (60, 0, 0), found
    assert arena.execute(TOO_EARLY)[0][0] <= IN_HAND
