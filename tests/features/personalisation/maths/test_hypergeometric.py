import numpy as np
import pytest
from scipy.special import hyp2f1

from features.personalisation.maths.hypergeometric import hypergeometric


def test_the_series_is_scipys_function_where_that_is_right() -> None:
    c, z = np.meshgrid([2.2, 5.0, 30.0], [0.0, 0.3, 0.8, 0.97])
    assert hypergeometric(1.98, -0.21, c, z) == pytest.approx(hyp2f1(1.98, -0.21, c, z), rel=1e-12)


def test_it_stays_finite_where_scipys_does_not() -> None:
    z = 52 / 54
    assert np.isinf(hyp2f1(1e-18, -0.95, 99.05, z))
    assert hypergeometric(1e-18, -0.95, np.array([99.05]), np.array([z])) == pytest.approx(1)
