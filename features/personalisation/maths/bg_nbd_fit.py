"""BG/NBD's parameters from what customers did. Apart: who only scores by them imports no scipy (0.5 s)."""

from dataclasses import astuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaln, gammaln, psi

from .bg_nbd import BgNbd
from .histories import Floats, Histories

START = (0.5, 5.0, 0.7, 2.5)
TOLERANCE = 1e-6


class NotFittedError(Exception):
    """No parameters explain these purchases best."""


def fit_bg_nbd(known: Histories) -> BgNbd:
    """The parameters of the greatest likelihood.

    Raises:
        NotFittedError: the search ended nowhere, as with too few customers.
    """
    if not len(known):
        raise NotFittedError("BG/NBD needs customers; there are none.")
    rows = np.column_stack([known.frequency, known.recency, known.age])
    (x, recency, age), counts = (each.T for each in np.unique(rows, axis=0, return_counts=True))

    def loss(logs: Floats) -> tuple[float, Floats]:
        model = BgNbd(*np.exp(logs))
        likelihoods, slopes = _terms(model, x, recency, age)
        # By customer, so that the tolerance means the same for many and few; by the logs' chain rule.
        return -float(counts @ likelihoods) / len(known), -(slopes @ counts) * np.exp(logs) / len(known)

    found = minimize(loss, np.log(START), jac=True, method="BFGS", options={"gtol": TOLERANCE})
    if np.abs(found.jac).max() > TOLERANCE * 10 or not np.isfinite(found.x).all():
        raise NotFittedError(f"BG/NBD finds no best parameters for {len(known):,} customers: {found.message}")
    return BgNbd(*map(float, np.exp(found.x)))


def bg_nbd_log_likelihood(model: BgNbd, known: Histories) -> float:
    """Of all the customers together."""
    return float(_terms(model, known.frequency, known.recency, known.age)[0].sum())


def _terms(model: BgNbd, x: Floats, recency: Floats, age: Floats) -> tuple[Floats, Floats]:
    """Each customer's log-likelihood, and its derivatives by r, alpha, a and b (4 rows)."""
    r, alpha, a, b = astuple(model)
    repeats = x > 0
    others = np.where(repeats, b + x - 1, 1.0)  # what is divided by; unused without a repeat
    alive = -(r + x) * np.log(alpha + age)
    left = np.where(repeats, np.log(a / others) - (r + x) * np.log(alpha + recency), -np.inf)
    either = np.logaddexp(alive, left)
    is_alive, is_left = np.exp(alive - either), np.exp(left - either)
    likelihoods = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b) + either
    all_left = psi(a + b) - psi(a + b + x)
    slopes = np.array(
        [
            psi(r + x)
            - psi(r)
            + np.log(alpha)
            - is_alive * np.log(alpha + age)
            - is_left * np.log(alpha + recency),
            r / alpha - (r + x) * (is_alive / (alpha + age) + is_left / (alpha + recency)),
            all_left + is_left / a,
            all_left + psi(b + x) - psi(b) - is_left / others,
        ]
    )
    return likelihoods, slopes
