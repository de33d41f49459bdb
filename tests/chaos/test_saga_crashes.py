"""Death at every point of every saga: the relay takes it on, and it ends as it should."""

from collections.abc import Callable
from typing import Any

import pytest

from registry.crash_points import CRASH_POINTS
from tests.private_stack import PrivateStack

from . import platform_reading
from .saga_operations import ACCURACY
from .story import Story
from .test_archive_crashes import ARCHIVES
from .test_crash_points import RELAY, WRITER
from .zygote import Zygote

pytestmark = [pytest.mark.chaos, pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(400)]
COMPENSATION = ("saga.before_compensation", "saga.after_compensation")
FILES = ("artifact.after_stage", "artifact.after_keep")
STEPS = tuple(name for name in CRASH_POINTS if name.startswith("saga.") and name not in COMPENSATION)
BETWEEN_STEPS = ("saga.after_begin", "saga.after_step")
MOST_PASSES = 14
HERE: dict[str, Any] = {
    "open_sagas": 0, "experiments": 1, "datasets": 1, "runs": 1, "whole_files": 1, "unused_files": False,
    "live": [], "told_live": None,
}  # fmt: skip
GONE = HERE | {"runs": 0, "whole_files": 0}


class SagaStory(Story):
    """One run with a file, registered as a whole."""

    @property
    def name(self) -> str:
        return self.ledger.experiment

    def register_whole(self, crash_at: str = "") -> bool:
        """True where it died; the same request is then made again."""
        request = {"experiment": self.name, "name": self.told.reference, "key": f"{self.name}-whole"}
        lived, run_id = self._zygote.do("register_whole", crash_at=crash_at, **request)
        if not lived:
            _, run_id = self._zygote.do("register_whole", **request)
        self.told.run_id = run_id
        self.told.expected = {"status": "FINISHED", "accuracy": ACCURACY, "deleted": False}
        return not lived

    def resume(self, crash_at: str = "") -> bool:
        """What the relay does, with everything due at once; True where it died."""
        platform_reading.make_due(self._stack)
        lived, _ = self._zygote.do("resume", crash_at=crash_at)
        self.relay()
        return not lived

    def is_purged(self) -> None:
        self.ledger.runs.clear()

    def assert_ends_as(self, expected: dict[str, Any]) -> None:
        self.resume()
        assert self._zygote.do("look", experiment=self.name)[1] == expected
        self.assert_all_is_well()


def at_each_pass(zygote: Zygote, operation: str, point: str, attempt: Callable[[str], bool]) -> None:
    """``attempt`` says whether it died; the first, undisturbed one shows how often the point is passed."""
    if operation not in zygote.undisturbed:
        assert not attempt("")
        zygote.undisturbed.add(operation)
    passes = zygote.passed[operation][point]
    assert 0 < passes < MOST_PASSES, f"{operation} passes {point} {passes} times"
    for nth in range(1, passes + 1):
        assert attempt(f"{point}:{nth}")


@pytest.mark.parametrize("point", [*FILES, *STEPS])
def test_a_registration_with_files_that_dies_is_there_once_and_whole(
    stack: PrivateStack, zygote: Zygote, point: str
) -> None:
    def attempt(crash_at: str) -> bool:
        story = SagaStory(stack, zygote)
        has_died = story.register_whole(crash_at)
        story.assert_ends_as(HERE)
        return has_died

    at_each_pass(zygote, "register_whole", point, attempt)


@pytest.mark.parametrize("point", STEPS)
def test_a_promotion_that_dies_leaves_one_live_version(
    stack: PrivateStack, zygote: Zygote, point: str
) -> None:
    def attempt(crash_at: str) -> bool:
        story = SagaStory(stack, zygote)
        story.register_whole()
        zygote.do("two_versions", model=story.name, run_id=story.told.run_id)
        lived, _ = zygote.do("promote", crash_at=crash_at, model=story.name)
        story.assert_ends_as(HERE | {"live": [2], "told_live": 2})
        return not lived

    at_each_pass(zygote, "promote", point, attempt)


@pytest.mark.parametrize(
    ("operation", "left", "point"),
    [
        *(("purge_the_run", GONE, point) for point in STEPS),
        # the same steps, so the ends of them will do
        *(("purge_the_experiment", GONE | {"experiments": 0}, point) for point in BETWEEN_STEPS),
        *(("purge_the_dataset", GONE | {"datasets": 0}, point) for point in BETWEEN_STEPS),
    ],
)
def test_a_purge_that_dies_leaves_nothing_anywhere(
    stack: PrivateStack, zygote: Zygote, point: str, operation: str, left: dict[str, Any]
) -> None:
    def attempt(crash_at: str) -> bool:
        story = SagaStory(stack, zygote)
        story.register_whole()
        story.resume()
        request = {"run_id": story.told.run_id} if operation == "purge_the_run" else {"name": story.name}
        lived, _ = zygote.do(operation, crash_at=crash_at, **request)
        story.is_purged()
        story.assert_ends_as(left)
        return not lived

    at_each_pass(zygote, operation, point, attempt)


@pytest.mark.parametrize("point", COMPENSATION)
def test_a_registration_whose_files_are_lost_is_undone_whole_and_may_be_made_again(
    stack: PrivateStack, zygote: Zygote, point: str
) -> None:
    def attempt(crash_at: str) -> bool:
        story = SagaStory(stack, zygote)
        request = {"experiment": story.name, "name": story.told.reference, "key": f"{story.name}-whole"}
        lived, _ = zygote.do("register_whole", crash_at="saga.after_begin:1", **request)
        assert not lived
        zygote.do("lose_staged_files")
        has_died = story.resume(crash_at)
        story.is_purged()
        story.assert_ends_as(GONE)
        story.ledger.runs.append(story.told)
        story.register_whole()
        story.assert_ends_as(HERE)
        return has_died

    at_each_pass(zygote, "resume", point, attempt)


def test_every_named_point_is_walked() -> None:
    # Those have tests of their own: of capture, of the imports, of the cutover, of the backfill, of messages
    # and of events.
    own = ("capture.", "dual.", "import.", "backfill.", "promise.", "publish.", "work.", "activity.")
    elsewhere = {name for name in CRASH_POINTS if name.startswith(own)}
    assert {*WRITER, *RELAY, *FILES, *STEPS, *COMPENSATION, *ARCHIVES} | elsewhere == set(CRASH_POINTS)
