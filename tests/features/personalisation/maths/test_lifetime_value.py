import pytest

from features.personalisation.maths.bg_nbd import BgNbd
from features.personalisation.maths.gamma_gamma import GammaGamma
from features.personalisation.maths.lifetime_value import lifetime_value

from .samples import histories

BUYING, SPENDING = BgNbd(0.243, 4.414, 0.793, 2.426), GammaGamma(6.25, 3.74, 15.44)
KNOWN = histories([0, 2, 9], [0, 30.43, 38], 38.86, [0, 22.35, 60])


def test_without_a_discount_the_value_is_purchases_times_dollars() -> None:
    expected = BUYING.expected_purchases(KNOWN, 52) * SPENDING.expected_spend(KNOWN)
    assert lifetime_value(BUYING, SPENDING, KNOWN, yearly_discount=0) == pytest.approx(expected)


def test_a_year_at_ten_percent_is_worth_a_twentieth_less() -> None:
    plain = lifetime_value(BUYING, SPENDING, KNOWN, yearly_discount=0)
    assert lifetime_value(BUYING, SPENDING, KNOWN) / plain == pytest.approx(0.955, abs=0.005)


def test_a_horizon_between_two_steps_is_kept() -> None:
    shares = lifetime_value(BUYING, SPENDING, KNOWN, weeks=10, yearly_discount=0)
    expected = BUYING.expected_purchases(KNOWN, 10) * SPENDING.expected_spend(KNOWN)
    assert shares == pytest.approx(expected)
