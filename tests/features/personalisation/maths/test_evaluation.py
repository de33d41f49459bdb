import numpy as np
import pytest

from features.personalisation.maths.evaluation import calibration, errors, gains, lift, roc_auc

ACTUAL = np.array([0.0, 0, 1, 3])


def test_errors_tell_size_and_direction() -> None:
    found = errors(ACTUAL, np.array([1.0, 0, 1, 4]))
    assert (found.mae, found.rmse, found.bias) == pytest.approx((0.5, 0.5**0.5, 0.5))


def test_nothing_bought_tells_no_bias() -> None:
    assert np.isnan(errors(np.zeros(2), np.ones(2)).bias)


def test_calibration_bins_by_repeats_and_ends_in_an_open_bin() -> None:
    bins = calibration(np.array([0.0, 0, 7, 12]), ACTUAL, np.array([0.5, 0.5, 2, 2]))
    assert [(each.title, each.customers, each.actual, each.expected) for each in bins] == [
        ("0", 2, 0, 0.5),
        ("7+", 2, 2, 2),
    ]


def test_gains_follow_the_order_of_predictions() -> None:
    shares = np.array([0.0, 0.25, 0.5, 1.0])
    assert gains(ACTUAL, ACTUAL, shares).tolist() == [0, 0.75, 1, 1]
    assert gains(ACTUAL, -ACTUAL, shares).tolist() == [0, 0, 0, 1]


def test_customers_predicted_alike_gain_as_if_drawn() -> None:
    assert gains(ACTUAL, np.ones(4), np.array([0.25])).tolist() == [0.25]
    assert lift(ACTUAL, np.ones(4)) == pytest.approx(1)


def test_ranks_tell_who_it_happened_to() -> None:
    assert roc_auc(ACTUAL > 0, ACTUAL) == 1
    assert roc_auc(ACTUAL > 0, np.ones(4)) == 0.5
