import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.stats.decimate import decimate

values_of_any_kind = st.lists(st.floats(width=32), min_size=1, max_size=300)


def test_a_short_curve_stays_whole() -> None:
    curve = decimate([1, 2, 3], [0.5, 0.25, 0.125])
    assert curve.steps.tolist() == [1, 2, 3]
    assert curve.values.tolist() == [0.5, 0.25, 0.125]
    assert (curve.not_finite, curve.first_break) == (0, None)


def test_an_empty_curve_is_empty() -> None:
    curve = decimate([], [])
    assert curve.steps.tolist() == curve.values.tolist() == []


def test_a_single_spike_among_ten_thousand_points_survives() -> None:
    values = np.zeros(10_000)
    values[7_001] = 9.0
    curve = decimate(np.arange(10_000), values)
    assert curve.values.max() == 9.0
    assert curve.steps[curve.values.argmax()] == 7_001
    assert curve.values.size <= 802


def test_nan_and_infinities_break_the_line_and_are_counted() -> None:
    curve = decimate([10, 20, 30, 40], [1, float("nan"), float("inf"), 2])
    assert np.isnan(curve.values).tolist() == [False, True, True, False]
    assert (curve.not_finite, curve.first_break) == (2, 20)


def test_a_break_in_a_long_curve_survives_thinning() -> None:
    values = np.ones(5_000)
    values[2_500] = -np.inf
    curve = decimate(np.arange(5_000), values, buckets=10)
    assert curve.steps[np.isnan(curve.values)].tolist() == [2_500]


def test_a_bucket_of_nothing_but_breaks_keeps_one() -> None:
    values = np.concatenate([np.ones(10), np.full(10, np.nan), np.ones(10)])
    curve = decimate(np.arange(30), values, buckets=3)
    assert curve.steps[np.isnan(curve.values)].tolist() == [10]
    assert curve.not_finite == 10


@given(values=values_of_any_kind, buckets=st.integers(1, 40))
def test_thinning_keeps_ends_order_extremes_and_the_bound(values: list[float], buckets: int) -> None:
    curve = decimate(range(len(values)), values, buckets=buckets)
    finite = [value for value in values if np.isfinite(value)]
    assert curve.steps[0] == 0
    assert curve.steps[-1] == len(values) - 1
    assert (np.diff(curve.steps) > 0).all()
    assert curve.values.size <= max(2 * buckets, 3 * buckets + 2)
    assert curve.not_finite == len(values) - len(finite)
    if finite:
        assert np.nanmin(curve.values) == min(finite)
        assert np.nanmax(curve.values) == max(finite)


def test_lists_of_two_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        decimate([1, 2], [1])


def test_zero_buckets_are_refused() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        decimate([1], [1], buckets=0)
