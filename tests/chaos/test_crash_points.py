"""Death by SIGKILL at every named point of the protocol, at each pass; then the same request again."""

import itertools

import pytest

from registry.crash_points import CRASH_POINTS
from tests.private_stack import PrivateStack

from .story import Story
from .zygote import Zygote

pytestmark = [pytest.mark.chaos, pytest.mark.slow, pytest.mark.timeout(180)]
WRITER = tuple(name for name in CRASH_POINTS if name.startswith(("write.", "deliver.")))
RELAY = tuple(name for name in CRASH_POINTS if name.startswith(("relay.", "deliver.")))
MOST_PASSES = 12


@pytest.mark.parametrize("operation", ["register", "note", "change", "end", "delete"])
@pytest.mark.parametrize("point", WRITER)
def test_a_writer_that_dies_leaves_nothing_that_its_repetition_and_the_relay_do_not_finish(
    stack: PrivateStack, zygote: Zygote, point: str, operation: str
) -> None:
    for nth in itertools.count(1):
        story = Story(stack, zygote)
        if operation != "register":
            story.perform("register")
        has_died = story.perform(operation, crash_at=f"{point}:{nth}")
        story.relay()
        story.assert_all_is_well()
        assert nth < MOST_PASSES
        if not has_died:
            break
    assert nth > 1 or not _must_pass(point, operation), f"{operation} never passes {point}"


@pytest.mark.parametrize("point", RELAY)
def test_a_relay_that_dies_is_finished_by_the_next(stack: PrivateStack, zygote: Zygote, point: str) -> None:
    for nth in itertools.count(1):
        story = Story(stack, zygote)
        story.perform("register", crash_at="write.after_commit:1")
        lived, _ = zygote.do("delete", crash_at="write.after_commit:1", **story.request("delete"))
        assert not lived
        story.told.expected["deleted"] = True
        has_died = story.relay(crash_at=f"{point}:{nth}")
        story.relay()
        story.assert_all_is_well()
        assert nth < MOST_PASSES
        if not has_died:
            break
    assert nth > 1, f"The relay never passes {point}"


def _must_pass(point: str, operation: str) -> bool:
    """Redis is not told of everything."""
    return point != "deliver.after_redis" or operation in ("end", "delete")
