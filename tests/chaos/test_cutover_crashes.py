"""Death by SIGKILL at each arrow of a move, forward and back; then the same request again."""

import itertools
from typing import Any

import pytest

from registry.crash_points import CRASH_POINTS
from registry.enums import DualWriteState as State
from registry.sync.dual_write.states import ORDER

from .zygote import Zygote

pytestmark = [pytest.mark.chaos, pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(400)]
OF_STEPS = ("dual.after_copy", "dual.before_flip", "dual.after_flip")
DELIVERY = ("deliver.after_mongodb",)
numbers = itertools.count(1)


class Cutover:
    """One experiment with one run, moved by itself."""

    def __init__(self, zygote: Zygote) -> None:
        self.experiment = f"cutover-{next(numbers)}"
        self.zygote = zygote
        self.texts: list[str] = []
        self.deaths = 0
        self.state: str = State.OFF
        zygote.do("prepare", name=self.experiment)
        _, self.run_id = zygote.do("register", experiment=self.experiment, name="r", key=self.experiment)

    def do(self, operation: str, crash_at: str = "", **arguments: Any) -> bool:
        lived, _ = self.zygote.do(operation, crash_at=crash_at, **arguments)
        self.deaths += not lived
        return lived

    def write(self, crash_at: str = "") -> None:
        """A note; asked for again with the same key where the writer died."""
        text = f"note {len(self.texts) + 1}"
        self.texts.append(text)
        request = {"run_id": self.run_id, "text": text, "key": f"{self.experiment} {text}"}
        if not self.do("note", crash_at, **request):
            self.do("note", **request)

    def look(self) -> dict[str, Any]:
        found: dict[str, Any] = self.zygote.do("look_at_notes", experiment=self.experiment)[1]
        return found

    def step(self, operation: str, crash_at: str = "") -> None:
        """Until the step is taken, the first time with a death."""
        before = self.state
        if not self.do(operation, crash_at, experiment=self.experiment) and self.look()["state"] == before:
            assert self.do(operation, experiment=self.experiment)
        place = ORDER.index(State(before)) + (1 if operation == "step_forward" else -1)
        self.state = ORDER[place]

    def have(self, *stores: str) -> None:
        found = self.look()
        for store in stores:
            assert found[store] == sorted(self.texts), store
        assert found["state"] == self.state


@pytest.fixture
def cutover(zygote: Zygote) -> Cutover:
    return Cutover(zygote)


@pytest.mark.parametrize("point", [*OF_STEPS, *DELIVERY])
def test_a_step_that_dies_at_any_arrow_is_taken_again_and_no_note_is_lost(
    point: str, cutover: Cutover
) -> None:
    cutover.write()
    for _ in ORDER[1:]:
        cutover.step("step_forward", f"{point}:1")
        cutover.write()
    cutover.have("postgresql")
    for _ in ORDER[1:]:
        cutover.step("step_back", f"{point}:1")
        cutover.write()
    cutover.have("mongodb")
    cutover.step("step_forward")
    cutover.have("mongodb", "postgresql")
    assert cutover.deaths >= (8 if point.endswith("_flip") else 1)


@pytest.mark.parametrize("point", ["dual.between_writes", "write.before_commit", "write.after_commit"])
def test_a_writer_that_dies_leaves_both_stores_alike(point: str, cutover: Cutover) -> None:
    for _ in ORDER[1:-1]:
        cutover.step("step_forward")
        cutover.write(f"{point}:1")
    assert cutover.deaths == 3
    cutover.step("step_forward")
    cutover.have("mongodb", "postgresql")


def test_a_repair_that_dies_is_made_again(cutover: Cutover) -> None:
    cutover.write()
    cutover.step("step_forward")
    cutover.write()
    cutover.do("lose_a_note", experiment=cutover.experiment)
    refused = cutover.zygote.attempt("step_forward", experiment=cutover.experiment)
    assert "ConflictError" in refused["error"]
    assert not cutover.do("mend_notes", "dual.after_mending:1", experiment=cutover.experiment)
    assert cutover.do("mend_notes", experiment=cutover.experiment)
    cutover.have("mongodb", "postgresql")
    assert (cutover.look()["divergences"], cutover.look()["state"]) == (0, "shadow")


def test_every_named_point_of_a_move_is_walked() -> None:
    walked = {*OF_STEPS, "dual.between_writes", "dual.after_mending"}
    assert walked == {name for name in CRASH_POINTS if name.startswith("dual.")}
