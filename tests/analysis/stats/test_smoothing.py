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


def step_by_step(values: list[float], decays: list[float]) -> list[float]:
    """The moving average as its definition has it, one value after the other."""
    total, mass, pending = 0.0, 0.0, 1.0
    smooth = []
    for value, decay in zip(values, decays, strict=True):
        pending *= decay
        if math.isfinite(value):
            total, mass, pending = total * pending + value, mass * pending + 1, 1.0
        smooth.append(total / mass if math.isfinite(value) else math.nan)
    return smooth


@given(
    points=st.lists(
        st.tuples(st.integers(0, 10**6), st.floats(-1e6, 1e6) | st.sampled_from([math.nan, math.inf])),
        min_size=1,
        max_size=80,
    ),
    weight=st.floats(1e-6, 0.999),
)
def test_blocks_give_what_one_value_after_the_other_gives(
    points: list[tuple[int, float]], weight: float
) -> None:
    steps, values = zip(*sorted(points, key=lambda each: each[0]), strict=True)
    size = max([abs(value) for value in values if math.isfinite(value)], default=1)
    each_step = [weight] * len(values)
    assert ema(values, weight=weight) == pytest.approx(
        step_by_step(values, each_step), rel=1e-9, abs=1e-9 * size, nan_ok=True
    )
    span = steps[-1] - steps[0]
    if span:
        moved = np.diff(steps, prepend=steps[0]) / span * 1_000
        decays = np.power(min(math.sqrt(weight), 0.999), moved).tolist()
        assert twema(steps, values, weight=weight) == pytest.approx(
            step_by_step(values, decays), rel=1e-9, abs=1e-9 * size, nan_ok=True
        )


def test_a_long_curve_is_smoothed_in_several_blocks() -> None:
    values = np.sin(np.arange(3_000)).tolist()
    assert ema(values, weight=0.1) == pytest.approx(step_by_step(values, [0.1] * 3_000))


def test_the_greatest_floats_are_smoothed_too() -> None:
    assert ema([1.7e308, -1.7e308, 1.7e308], weight=0.5).tolist() == pytest.approx(
        [1.7e308, -1.7e308 / 3, 1.7e308 / 7 * 3]
    )


@pytest.mark.parametrize("weight", [-0.1, 1, math.nan])
def test_a_weight_outside_zero_to_one_is_refused(weight: float) -> None:
    with pytest.raises(ValueError, match="from 0 to below 1"):
        ema([1], weight=weight)


def test_lists_of_two_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        twema([1, 2], [1], weight=0.5)
