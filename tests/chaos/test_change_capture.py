"""Change capture whose processes die: at random under load, and at each named point."""

from collections.abc import Iterator

import pytest

from tests.private_stack import PrivateStack

from .capture_rounds import ENVIRONMENT, play
from .captured_tables import INSERT, difference, execute, make_tables
from .zygote import Zygote

pytestmark = [pytest.mark.chaos, pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(400)]
COPYING = ("capture.after_slot", "capture.in_snapshot")
STREAMING = ("capture.before_checkpoint", "capture.after_apply", "capture.after_confirm")
MOVE = "UPDATE capture_row SET id = id + 1000, version = 2 WHERE id = %s"


@pytest.fixture(scope="module")
def captured(stack: PrivateStack) -> PrivateStack:
    make_tables(stack)
    execute(stack, INSERT, 1, 10)
    return stack


@pytest.fixture(scope="module")
def capturing(captured: PrivateStack) -> Iterator[Zygote]:
    with Zygote(captured, **ENVIRONMENT) as started:
        yield started


def has_died(capturing: Zygote, point: str) -> bool:
    lived, _ = capturing.do("capture", crash_at=f"{point}:1")
    return not lived


def test_a_consumer_that_dies_at_any_point_is_finished_by_the_next(
    captured: PrivateStack, capturing: Zygote
) -> None:
    for point in COPYING:
        assert has_died(capturing, point), point
    capturing.do("capture")
    assert difference(captured).is_none
    for number, point in enumerate(STREAMING, start=1):
        execute(captured, INSERT, number * 10 + 1, number * 10 + 10)
        execute(captured, MOVE, number * 10 + 5)
        assert has_died(capturing, point), point
        # how much came before the death is chance, but none of what has no checkpoint
        assert point != "capture.before_checkpoint" or difference(captured).missing == 10
    capturing.do("capture")
    assert difference(captured).is_none


def test_every_row_is_there_in_its_last_version_whoever_was_killed(captured: PrivateStack) -> None:
    outcome = play(captured, seconds=7, kills=6, seed=7)
    assert outcome.difference.is_none, outcome
    assert outcome.torn == 0, outcome
    assert min(outcome.transactions, outcome.reads) > 20, outcome


def test_a_consumer_that_stayed_away_too_long_loses_its_slot_and_begins_anew_when_told(
    captured: PrivateStack, capturing: Zygote
) -> None:
    capturing.do("capture")
    execute(captured, "ALTER SYSTEM SET max_slot_wal_keep_size = '16MB'")
    execute(captured, "SELECT pg_reload_conf()")
    for start in range(2_000_000_000, 2_000_000_050, 10):
        execute(captured, INSERT, start, start + 9)
        execute(captured, "SELECT pg_switch_wal()")
        execute(captured, "CHECKPOINT")
    assert "is lost (wal_removed)" in capturing.attempt("capture")["error"]
    assert difference(captured).missing == 50
    capturing.do("reset_capture")
    capturing.do("capture")
    assert difference(captured).is_none
