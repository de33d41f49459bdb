"""A worker that is killed between or inside the steps: each customer comes in once, whole."""

import pytest

from .zygote import Zygote

pytestmark = [pytest.mark.chaos, pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(400)]
PEOPLE, STEPS, VIEWS = 2, 6, 3
POINTS = (
    "work.after_count:3",
    "promise.before_commit:4",
    "write.before_commit:2",
    "work.after_commit:6",
)


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_that_dies_leaves_each_customer_to_come_in_once(zygote: Zygote, point: str) -> None:
    zygote.do("onboarding_take_on", people=PEOPLE)
    lived, _ = zygote.do("onboarding_bring_in", crash_at=point)
    assert not lived
    zygote.do("onboarding_bring_in")
    _, told = zygote.do("onboarding_told")
    assert told == {
        "done": PEOPLE, "customers": PEOPLE, "documents": PEOPLE, "features": PEOPLE * VIEWS,
        "tasks": PEOPLE * STEPS, "requests": PEOPLE, "owed": 0,
    }  # fmt: skip
