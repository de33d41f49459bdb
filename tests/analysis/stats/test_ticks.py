import math
from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analysis.stats.ticks import linear_ticks, log_ticks, time_ticks

finite = st.floats(allow_nan=False, allow_infinity=False)


def test_linear_ticks_are_round() -> None:
    assert linear_ticks(0, 1) == (0, 0.2, 0.4, 0.6, 0.8, 1)
    assert linear_ticks(0.971, 0.9795) == (0.972, 0.974, 0.976, 0.978)
    assert linear_ticks(-3, 12) == (0, 5, 10)
    assert linear_ticks(0, 10_000) == (0, 2_000, 4_000, 6_000, 8_000, 10_000)


def test_a_range_without_width_has_one_tick() -> None:
    assert linear_ticks(2, 2) == (2,)
    assert linear_ticks(0, 5e-324) == (0, 5e-324)


def test_log_ticks_of_few_decades_show_doubles_and_fives() -> None:
    assert log_ticks(0.03, 2) == (0.05, 0.1, 0.2, 0.5, 1, 2)


def test_log_ticks_of_several_decades_are_decades() -> None:
    assert log_ticks(1e-5, 1) == (1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1)


def test_log_ticks_of_many_decades_skip_some() -> None:
    assert log_ticks(1e-10, 1e4) == (1e-10, 1e-8, 1e-6, 1e-4, 1e-2, 1, 100, 10_000)


def test_log_ticks_inside_one_decade_are_linear() -> None:
    assert log_ticks(3.1, 3.9) == (3.2, 3.4, 3.6, 3.8)


def test_time_ticks_are_round_times() -> None:
    assert time_ticks(0, 300) == (0, 60, 120, 180, 240, 300)
    assert time_ticks(0, 4 * 3_600) == (0, 3_600, 7_200, 10_800, 14_400)
    assert time_ticks(0, 40) == (0, 10, 20, 30, 40)


def test_time_ticks_below_a_second_and_above_years_are_linear() -> None:
    assert time_ticks(0, 1) == (0, 0.2, 0.4, 0.6, 0.8, 1)
    assert time_ticks(0, 1e9) == (0, 2e8, 4e8, 6e8, 8e8, 1e9)


@given(low=finite, high=finite)
def test_ticks_ascend_inside_the_range_and_stay_few(low: float, high: float) -> None:
    assume(low <= high and math.isfinite(high - low))
    for ticks in (linear_ticks(low, high), time_ticks(low, high)):
        assert all(low <= tick <= high for tick in ticks)
        assert list(ticks) == sorted(set(ticks))
        assert len(ticks) <= 7


@given(low=st.floats(1e-300, 1e300), factor=st.floats(1, 1e300))
def test_log_ticks_ascend_inside_the_range_and_stay_few(low: float, factor: float) -> None:
    high = min(low * factor, 1e300)
    assume(low <= high)
    ticks = log_ticks(low, high)
    assert all(low <= tick <= high for tick in ticks)
    assert list(ticks) == sorted(set(ticks))
    assert len(ticks) <= 12


@pytest.mark.parametrize("ticks", [linear_ticks, log_ticks, time_ticks])
def test_a_range_without_end_is_refused(ticks: Callable[..., tuple[float, ...]]) -> None:
    with pytest.raises(ValueError, match="finite range"):
        ticks(1, math.inf)


def test_a_reversed_range_is_refused() -> None:
    with pytest.raises(ValueError, match="upwards"):
        linear_ticks(2, 1)


def test_no_ticks_at_all_are_refused() -> None:
    with pytest.raises(ValueError, match="1 tick or more"):
        linear_ticks(1, 2, target=0)


def test_a_log_axis_from_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="above zero"):
        log_ticks(0, 1)
