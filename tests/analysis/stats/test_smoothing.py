import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from analysis.stats.smoothing import ema, twema

numbers = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60)
weights = st.floats(0, 0.999)


def test_no_weight_gives_the_values_back() -> None:
    assert ema([3, 1, 2], weight=0).tolist() == [3, 1, 2]
    assert twema([0, 1, 2], [3, 1, 2], weight=0).tolist() == [3, 1, 2]


def test_ema_starts_at_the_first_value_without_a_pull_to_zero() -> None:
    assert ema([4, 4, 4], weight=0.9) == pytest.approx([4, 4, 4])


def test_ema_weighs_the_past_by_its_weight() -> None:
    assert ema([0, 1], weight=0.5) == pytest.approx([0, 1 / 1.5])


def test_twema_forgets_more_over_a_wide_gap() -> None:
    near = twema([0, 1, 1_000], [0, 1, 1], weight=0.99)
    far = twema([0, 900, 1_000], [0, 1, 1], weight=0.99)
    assert near[1] < far[1]


def test_twema_of_one_moment_falls_back_to_ema() -> None:
    assert twema([5, 5], [0, 1], weight=0.5) == pytest.approx(ema([0, 1], weight=0.5))


@pytest.mark.parametrize(
    "smooth", [lambda y, w: ema(y, weight=w), lambda y, w: twema(range(len(y)), y, weight=w)]
)
def test_a_gap_stays_a_gap_and_is_not_averaged(
    smooth: Callable[[list[float], float], NDArray[np.float64]],
) -> None:
    smoothed = smooth([1, math.nan, 1, math.inf, 1], 0.6)
    assert np.isnan(smoothed).tolist() == [False, True, False, True, False]
    assert smoothed[[0, 2, 4]] == pytest.approx([1, 1, 1])


def test_nothing_smoothed_is_nothing() -> None:
    assert ema([], weight=0.5).tolist() == twema([], [], weight=0.5).tolist() == []


@given(values=numbers, weight=weights)
def test_a_smoothed_curve_stays_between_the_extremes(values: list[float], weight: float) -> None:
    for smoothed in (ema(values, weight=weight), twema(range(len(values)), values, weight=weight)):
        slack = 1e-9 * (1 + max(map(abs, values)))
        assert smoothed.min() >= min(values) - slack
        assert smoothed.max() <= max(values) + slack
        assert smoothed[0] == pytest.approx(values[0])


@pytest.mark.parametrize("weight", [-0.1, 1, math.nan])
def test_a_weight_outside_zero_to_one_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="from 0 to below 1"):
        ema([1], weight=weight)


def test_lists_of_two_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        twema([1, 2], [1], weight=0.5)
