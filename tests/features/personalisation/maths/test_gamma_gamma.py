"""Against the published figures: Fader and Hardie, The Gamma-Gamma Model of Monetary Value (2013)."""

from dataclasses import astuple

import pytest
from scipy.optimize import approx_fprime

from features.personalisation.maths.bg_nbd_fit import NotFittedError
from features.personalisation.maths.gamma_gamma import GammaGamma
from features.personalisation.maths.gamma_gamma_fit import (
    _terms,
    fit_gamma_gamma,
    gamma_gamma_log_likelihood,
)

from .samples import histories, published_sample

PUBLISHED = GammaGamma(6.25, 3.74, 15.44)


def test_the_fit_finds_the_published_parameters() -> None:
    found = fit_gamma_gamma(published_sample())
    assert astuple(found) == pytest.approx(astuple(PUBLISHED), abs=0.01)
    assert round(gamma_gamma_log_likelihood(found, published_sample()), 1) == -4055.9


def test_expected_spend_is_everyones_mean_without_a_repeat_and_nears_the_own_one() -> None:
    spend = PUBLISHED.expected_spend(histories([0, 1, 1_000], 10, 39, [0, 80, 80]))
    assert spend[0] == pytest.approx(PUBLISHED.mean)
    assert spend[0] < spend[1] < spend[2] == pytest.approx(80, rel=0.01)


def test_slopes_are_those_of_the_likelihood() -> None:
    known = histories([1, 4], 5, 39, [20, 35])
    parts = known.frequency, known.mean_spend
    sloped = approx_fprime(astuple(PUBLISHED), lambda each: _terms(GammaGamma(*each), *parts)[0].sum(), 1e-7)
    assert _terms(PUBLISHED, *parts)[1].sum(axis=1) == pytest.approx(sloped, rel=1e-4)


@pytest.mark.parametrize("repeats", [0, 3])
def test_without_anybodys_dollars_there_is_no_fit(repeats: int) -> None:
    with pytest.raises(NotFittedError, match="there are none"):
        fit_gamma_gamma(histories(repeats, 5, 39, 0))


def test_customers_who_all_spend_alike_tell_no_spread() -> None:
    with pytest.raises(NotFittedError, match="no parameters"):
        fit_gamma_gamma(histories([3] * 5, 5, 39, 20))
