"""Gauss's hypergeometric function where BG/NBD needs it. Plain Python, no Django."""

import numpy as np

from .histories import Floats

PRECISION = 1e-14
MOST_TERMS = 100_000


def hypergeometric(a: float, b: float, c: Floats, z: Floats) -> Floats:
    """2F1(a, b; c; z) for 0 <= z < 1, by its series: ``c`` and ``z`` have a place a value.

    scipy's own gives infinity for a near 0 and a great c, as of customers who bought a hundred times.
    """
    total: Floats = np.ones(np.broadcast_shapes(np.shape(c), np.shape(z)))
    term = total.copy()
    for n in range(MOST_TERMS):
        term *= (a + n) * (b + n) / ((c + n) * (n + 1)) * z
        total += term
        # From here on, each term is at most z times the one before.
        if (np.abs(term) <= PRECISION * (1 - z) * np.abs(total)).all():
            break
    return total
