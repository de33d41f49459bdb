"""Death by SIGKILL at every named point of the protocol, at each pass; then the same request again."""

from collections import Counter

import pytest

from registry.crash_points import CRASH_POINTS
from tests.private_stack import PrivateStack

from .story import Story
from .zygote import Zygote

pytestmark = [pytest.mark.fault, pytest.mark.chaos, pytest.mark.slow, pytest.mark.timeout(400)]
WRITER = tuple(name for name in CRASH_POINTS if name.startswith(("write.", "deliver.")))
RELAY = tuple(name for name in CRASH_POINTS if name.startswith(("relay.", "deliver.")))
OPERATIONS = ("register", "note", "change", "end", "delete")
MOST_PASSES = 12


def begun(stack: PrivateStack, zygote: Zygote, operation: str) -> Story:
    story = Story(stack, zygote)
    if operation != "register":
        story.perform("register")
    return story


def waiting_for_the_relay(stack: PrivateStack, zygote: Zygote) -> Story:
    story = begun(stack, zygote, "register")
    story.perform("register", crash_at="write.after_commit:1")
    lived, _ = zygote.do("delete", crash_at="write.after_commit:1", **story.request("delete"))
    assert not lived
    story.told.expected["deleted"] = True
    return story


@pytest.fixture(scope="module")
def passed(stack: PrivateStack, zygote: Zygote) -> dict[str, Counter[str]]:
    """How often each operation passes each point when nothing happens to it."""
    for operation in OPERATIONS:
        story = begun(stack, zygote, operation)
        story.perform(operation)
        story.relay()
        story.assert_all_is_well()
    story = waiting_for_the_relay(stack, zygote)
    story.relay()
    story.assert_all_is_well()
    assert max(max(counts.values()) for counts in zygote.passed.values() if counts) < MOST_PASSES
    return {operation: counts.copy() for operation, counts in zygote.passed.items()}


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("point", WRITER)
def test_a_writer_that_dies_leaves_nothing_that_its_repetition_and_the_relay_do_not_finish(
    stack: PrivateStack, zygote: Zygote, passed: dict[str, Counter[str]], point: str, operation: str
) -> None:
    passes = passed[operation][point]
    assert passes or not _must_pass(point, operation), f"{operation} never passes {point}"
    for nth in range(1, passes + 1):
        story = begun(stack, zygote, operation)
        assert story.perform(operation, crash_at=f"{point}:{nth}")
        story.relay()
        story.assert_all_is_well()


@pytest.mark.parametrize("point", RELAY)
def test_a_relay_that_dies_is_finished_by_the_next(
    stack: PrivateStack, zygote: Zygote, passed: dict[str, Counter[str]], point: str
) -> None:
    assert passed["relay"][point], f"The relay never passes {point}"
    for nth in range(1, passed["relay"][point] + 1):
        story = waiting_for_the_relay(stack, zygote)
        assert story.relay(crash_at=f"{point}:{nth}")
        story.relay()
        story.assert_all_is_well()


def _must_pass(point: str, operation: str) -> bool:
    """Redis is not told of everything."""
    return point != "deliver.after_redis" or operation in ("end", "delete")
