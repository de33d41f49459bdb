"""Death at every step of an event's way: each is recorded, kept, counted and told once."""

from itertools import count

import pytest

from registry.crash_points import CRASH_POINTS

from .activity_operations import EVENTS
from .zygote import Zygote

pytestmark = [pytest.mark.chaos, pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(400)]
OF_THE_SENDER = ("activity.before_commit", "activity.after_commit")
OF_CONSUMERS = tuple(
    name for name in CRASH_POINTS if name.startswith("activity.") and name not in OF_THE_SENDER
)
STORIES = count(1)


def assert_all_is_right(zygote: Zygote, stories: int) -> None:
    _, told = zygote.do("activity_told")
    events = stories * EVENTS
    assert (told["recorded"], told["kept"], told["counted"]) == (events, events, events)
    # a big purchase, and what one customer spent in a day
    assert (told["is_right"], told["alerts"], told["told"], told["open"]) == (True, 2 * stories, stories, 0)


@pytest.mark.parametrize("point", OF_THE_SENDER)
def test_a_sender_that_died_sends_again_and_nothing_is_twice(zygote: Zygote, point: str) -> None:
    story = next(STORIES)
    lived, _ = zygote.do("activity_send", story=story, crash_at=f"{point}:1")
    assert not lived
    _, answer = zygote.do("activity_send", story=story)
    new = EVENTS if point == "activity.before_commit" else 0
    assert answer == {"new": new, "known": EVENTS - new}
    zygote.do("activity_consume")
    assert_all_is_right(zygote, story)


@pytest.mark.parametrize("point", [*OF_CONSUMERS, "work.before_commit"])
def test_a_consumer_that_died_leaves_nothing_undone_and_does_nothing_twice(
    zygote: Zygote, point: str
) -> None:
    story = next(STORIES)
    zygote.do("activity_send", story=story)
    lived, _ = zygote.do("activity_consume", crash_at=f"{point}:1")
    assert not lived
    zygote.do("activity_consume")
    assert_all_is_right(zygote, story)
    if point == "activity.after_redis":  # once more, and Redis is emptied before it comes again
        story = next(STORIES)
        zygote.do("activity_send", story=story)
        zygote.do("activity_consume", crash_at=f"{point}:1")
        zygote.do("activity_flush")
        zygote.do("activity_consume")
        assert_all_is_right(zygote, story)
