"""Death at every step of a message's way: nothing is lost, nothing is done twice."""

import pytest

from registry.crash_points import CRASH_POINTS

from .message_operations import IN_A_BATCH
from .zygote import Zygote

pytestmark = [pytest.mark.chaos, pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(600)]
MESSAGES = tuple(name for name in CRASH_POINTS if name.startswith(("promise.", "publish.", "work.")))
COUNTS = {"task": 1, "batch": IN_A_BATCH}


@pytest.mark.parametrize("kind", COUNTS)
@pytest.mark.parametrize("point", MESSAGES)
def test_who_dies_on_a_messages_way_loses_nothing_and_does_nothing_twice(
    zygote: Zygote, point: str, kind: str
) -> None:
    mark = f"{kind}-{point}"
    if point.startswith("promise."):
        lived, _ = zygote.do("message_promise", kind=kind, mark=mark, crash_at=f"{point}:1")
        assert not lived
        _, left = zygote.do("message_told", mark=mark)
        assert left == {"states": [], "effects": 0, "owed": 0}
    zygote.do("message_promise", kind=kind, mark=mark)
    if not point.startswith("promise."):
        is_failing = point == "work.after_failure"
        lived, _ = zygote.do("message_work", is_failing=is_failing, crash_at=f"{point}:1")
        assert not lived
    zygote.do("message_work")
    zygote.do("message_work")
    _, after = zygote.do("message_told", mark=mark)
    assert after == {"states": ["done"] * COUNTS[kind], "effects": COUNTS[kind], "owed": 0}
