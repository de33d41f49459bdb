"""Against the published figures: Fader, Hardie and Lee (2005), table 2 and the note on conditional expectations."""

from collections.abc import Callable
from dataclasses import astuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import approx_fprime

from features.personalisation.maths.bg_nbd import BgNbd
from features.personalisation.maths.bg_nbd_fit import (
    NotFittedError,
    _terms,
    bg_nbd_log_likelihood,
    fit_bg_nbd,
)

from .samples import histories, published_sample

PUBLISHED = BgNbd(0.243, 4.414, 0.793, 2.426)


def test_the_fit_finds_the_published_parameters() -> None:
    found = fit_bg_nbd(published_sample())
    assert [round(each, 3) for each in astuple(found)] == list(astuple(PUBLISHED))
    assert round(bg_nbd_log_likelihood(found, published_sample()), 1) == -9582.4


def test_expected_purchases_are_those_of_the_published_example() -> None:
    first_customer = histories(2, 30.43, 38.86)
    assert PUBLISHED.expected_purchases(first_customer, 39)[0].round(3) == 1.226


def test_slopes_are_those_of_the_likelihood() -> None:
    known = histories([0, 1, 7], [0, 3, 20], [30, 30, 39])
    parts = known.frequency, known.recency, known.age
    sloped = approx_fprime(astuple(PUBLISHED), lambda each: _terms(BgNbd(*each), *parts)[0].sum(), 1e-7)
    assert _terms(PUBLISHED, *parts)[1].sum(axis=1) == pytest.approx(sloped, rel=1e-4)


def test_who_never_came_back_is_alive() -> None:
    assert PUBLISHED.p_alive(histories(0, 0, 39))[0] == 1


@settings(max_examples=30)
@given(
    repeats=st.integers(1, 2_000),
    weeks=st.tuples(st.floats(0.2, 70), st.floats(0, 70)),
    shape=st.tuples(st.floats(0.05, 3), st.floats(0.1, 50), st.floats(0.05, 0.95), st.floats(0.1, 8)),
)
def test_probabilities_and_expectations_stay_in_bounds_and_fall_with_silence(
    repeats: int, weeks: tuple[float, float], shape: tuple[float, float, float, float]
) -> None:
    recency, silence = weeks
    known = histories(repeats, recency, [recency + silence, recency + silence + 5])
    alive = BgNbd(*shape).p_alive(known)
    expected = BgNbd(*shape).expected_purchases(known, 52)
    assert 0 <= alive[1] <= alive[0] <= 1
    assert (np.isfinite(expected) & (expected >= 0)).all()


def test_a_newcomer_is_expected_to_buy_as_the_purchases_add_up() -> None:
    newcomer = histories(0, 0, 0)
    within = PUBLISHED.expected_of_a_newcomer(np.array([52.0]))
    assert PUBLISHED.expected_purchases(newcomer, 52) == pytest.approx(within)


def test_the_expectation_is_the_integral_over_rates_and_chances_to_leave() -> None:
    """One number worked out another way: lambda and p weighed by what is known, x=1."""
    r, alpha, a, b = astuple(PUBLISHED)
    x, recency, age, ahead = 1, 5.0, 30.0, 39.0

    def bought(rate: float, leaves: float) -> float:
        return float((1 - np.exp(-rate * leaves * ahead)) / leaves)

    def weight(rate: float, leaves: float, *, alive: bool) -> float:
        prior = rate ** (r - 1) * np.exp(-alpha * rate) * leaves ** (a - 1) * (1 - leaves) ** (b - 1)
        alive_part = (1 - leaves) ** x * rate**x * np.exp(-rate * age)
        left_part = leaves * (1 - leaves) ** (x - 1) * rate**x * np.exp(-rate * recency)
        return float(prior * (alive_part if alive else alive_part + left_part))

    def over_both(function: Callable[[float, float], float]) -> float:
        return float(quad(lambda p: quad(lambda rate: function(rate, p), 0, 6)[0], 1e-9, 1)[0])

    seen = over_both(lambda rate, p: weight(rate, p, alive=False))
    expected = over_both(lambda rate, p: bought(rate, p) * weight(rate, p, alive=True)) / seen
    known = histories(x, recency, age)
    assert PUBLISHED.expected_purchases(known, ahead)[0] == pytest.approx(expected, rel=1e-3)


def test_nobody_is_no_sample() -> None:
    with pytest.raises(NotFittedError, match="there are none"):
        fit_bg_nbd(histories([], [], []))
