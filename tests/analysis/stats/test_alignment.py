import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.stats.alignment import Spread, band_of

NAN = math.nan
values = st.floats(-1e6, 1e6) | st.sampled_from([NAN, math.inf, -math.inf])
curves = st.lists(
    st.lists(st.tuples(st.integers(0, 500), values), max_size=40).map(
        lambda points: tuple(zip(*sorted(points, key=lambda each: each[0]), strict=True)) or ((), ())
    ),
    max_size=5,
)


def test_curves_with_the_same_steps_are_averaged_point_by_point() -> None:
    band = band_of([([0, 1, 2], [1, 2, 3]), ([0, 1, 2], [3, 4, 11])])
    assert band.steps.tolist() == [0, 1, 2]
    assert band.mean.tolist() == [2, 3, 7]
    assert (band.low.tolist(), band.high.tolist()) == ([1, 2, 3], [3, 4, 11])
    assert band.counts.tolist() == [2, 2, 2]


def test_a_curve_is_interpolated_where_another_has_a_point() -> None:
    band = band_of([([0, 10], [0, 10]), ([0, 5, 10], [0, 0, 0])])
    assert band.steps.tolist() == [0, 5, 10]
    assert band.mean.tolist() == [0, 2.5, 5]


def test_beyond_the_end_of_a_shorter_curve_the_longer_one_is_alone() -> None:
    band = band_of([([0, 1], [0, 0]), ([0, 1, 2], [2, 2, 8])])
    assert band.mean.tolist() == [1, 1, 8]
    assert band.counts.tolist() == [2, 2, 1]


def test_one_standard_deviation_is_drawn_on_wish() -> None:
    band = band_of([([0], [1]), ([0], [3])], spread="deviation")
    assert (band.low.tolist(), band.mean.tolist(), band.high.tolist()) == ([1], [2], [3])


def test_a_spike_between_two_places_stays_in_the_range() -> None:
    noisy = np.zeros(10_000)
    noisy[4_321] = 7
    band = band_of([(np.arange(10_000), noisy), (np.arange(10_000), np.zeros(10_000))], places=50)
    assert band.steps.size == 50
    assert band.high.max() == 7
    assert band.mean.max() == pytest.approx(7 / 200 / 2)


def test_a_gap_is_interpolated_and_nothing_finite_is_nothing() -> None:
    assert band_of([([0, 1, 2], [0, NAN, 4]), ([1], [2])]).mean.tolist() == [0, 2, 4]
    empty = band_of([([0, 1], [NAN, math.inf]), ([], [])])
    assert empty.steps.size == empty.mean.size == empty.low.size == empty.high.size == empty.counts.size == 0


def test_places_without_any_curve_are_left_out() -> None:
    band = band_of([(range(100), [1] * 100), (range(900, 1_000), [2] * 100)], places=10)
    assert band.mean.tolist() == [1, 2]


def test_what_cannot_be_aligned_is_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        band_of([([0, 1], [0])])
    with pytest.raises(ValueError, match="1 place or more"):
        band_of([], places=0)


@given(given_curves=curves, places=st.integers(1, 60), spread=st.sampled_from(("range", "deviation")))
def test_a_band_holds_its_mean_and_no_more_than_its_curves(
    given_curves: list[tuple[list[int], list[float]]], places: int, spread: Spread
) -> None:
    band = band_of(given_curves, places=places, spread=spread)
    assert band.steps.size <= places
    assert (np.diff(band.steps) > 0).all()
    assert (band.counts >= 1).all()
    assert (band.low <= band.mean).all()
    assert (band.mean <= band.high).all()
    finite = [value for _, line in given_curves for value in line if math.isfinite(value)]
    if spread == "range" and band.steps.size:
        assert min(finite) - 1e-6 <= band.low.min()
        assert band.high.max() <= max(finite) + 1e-6
    if spread == "range" and finite:
        assert band.high.max() == pytest.approx(max(finite))
        assert band.low.min() == pytest.approx(min(finite))
