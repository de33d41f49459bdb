"""The short form: one seed, a minute; ``make chaos`` is the long one."""

import pytest

from tests.private_stack import PrivateStack

from . import report
from .arenas import NaiveArena
from .clients import Load
from .platform_arena import PlatformArena
from .rounds import Strength, play

pytestmark = [pytest.mark.chaos, pytest.mark.slow, pytest.mark.fault, pytest.mark.timeout(400)]
LOAD = Load(seed=7, runs=80, seconds=10)
STRENGTH = Strength(kills=2, pauses=1)


def test_everything_is_killed_and_nothing_is_lost(stack: PrivateStack) -> None:
    result = play(PlatformArena(stack), LOAD, STRENGTH, lambda _done: None)
    assert not report.faults([result]), result.examples
    assert result.cached > 0


def test_the_same_faults_spoil_the_dual_write_so_the_suite_can_fail(stack: PrivateStack) -> None:
    """Its most fragile form; ``test_naive.py`` shows the others by one death each."""
    result = play(NaiveArena(stack, "on_commit_async"), LOAD, STRENGTH, lambda _done: None)
    assert result.acknowledged == result.operations
    assert result.findings.total > 0
