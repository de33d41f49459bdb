"""What each state says, without any store."""

import itertools

import pytest

from registry.enums import DualWriteState as State
from registry.sync.dual_write.states import ORDER, WRITES, answering, copy_targets, step_after, step_before


def test_each_step_forward_has_its_step_back() -> None:
    for before, after in itertools.pairwise(ORDER):
        assert (step_after(before), step_before(after)) == (after, before)
    assert (step_before(State.OFF), step_after(State.DONE)) == (None, None)


def test_the_store_that_answers_is_always_written_before_and_after_every_step() -> None:
    for before, after in itertools.pairwise(ORDER):
        assert answering(before) in WRITES[before]
        assert answering(after) in WRITES[before]
        assert answering(before) in WRITES[after]


@pytest.mark.parametrize(
    ("state", "usual", "switched"),
    [
        (State.OFF, "old", "old"),
        (State.SHADOW, "old", "old"),
        (State.VERIFY, "old", "new"),
        (State.READ_NEW, "new", "new"),
        (State.DONE, "new", "new"),
    ],
)
def test_a_query_switched_to_the_new_store_counts_while_comparing(
    state: State, usual: str, switched: str
) -> None:
    assert (answering(state), answering(state, is_new=True)) == (usual, switched)


def test_what_is_missing_is_copied_from_the_store_that_decides() -> None:
    assert [copy_targets(state) for state in ORDER] == [
        None, ("old", "new"), ("old", "new"), ("new", "old"), ("new", "old"),
    ]  # fmt: skip
