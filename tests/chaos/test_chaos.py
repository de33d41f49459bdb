"""The short form: one seed, a minute; ``make chaos`` is the long one."""

import pytest

from tests.private_stack import PrivateStack

from . import report
from .arenas import NaiveArena
from .clients import Load
from .platform_arena import PlatformArena
from .rounds import Strength, play

pytestmark = [pytest.mark.chaos, pytest.mark.slow, pytest.mark.timeout(180)]
LOAD = Load(seed=7, runs=100, seconds=14)
STRENGTH = Strength(kills=2, pauses=1)


def test_everything_is_killed_and_nothing_is_lost(stack: PrivateStack) -> None:
    result = play(PlatformArena(stack), LOAD, STRENGTH, lambda _done: None)
    assert not report.faults([result]), result.examples


@pytest.mark.parametrize("variant", ["pg_then_mongo", "on_commit_async"])
def test_the_same_faults_spoil_the_dual_write_so_the_suite_can_fail(
    stack: PrivateStack, variant: str
) -> None:
    result = play(NaiveArena(stack, variant), LOAD, STRENGTH, lambda _done: None)
    assert result.acknowledged == result.operations
    assert result.findings.total > 0
