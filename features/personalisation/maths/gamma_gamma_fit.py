"""Gamma-gamma's parameters from what customers spent (apart from the model, as BG/NBD's)."""

from dataclasses import astuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln, psi

from .bg_nbd_fit import TOLERANCE, NotFittedError
from .gamma_gamma import GammaGamma
from .histories import Floats, Histories

START = (5.0, 4.0, 15.0)


def fit_gamma_gamma(known: Histories) -> GammaGamma:
    """The parameters of the greatest likelihood, by the customers with a repeat that cost something.

    Raises:
        NotFittedError: the search ended nowhere, or where nobody's mean is known (q up to 1).
    """
    x, spend = _spending(known)

    def loss(logs: Floats) -> tuple[float, Floats]:
        likelihoods, slopes = _terms(GammaGamma(*np.exp(logs)), x, spend)
        return -float(likelihoods.sum()) / len(x), -slopes.sum(axis=1) * np.exp(logs) / len(x)

    if not len(x):
        raise NotFittedError("Gamma-gamma needs customers with a repeat; there are none.")
    found = minimize(loss, np.log(START), jac=True, method="BFGS", options={"gtol": TOLERANCE})
    model = GammaGamma(*map(float, np.exp(found.x)))
    if np.abs(found.jac).max() > TOLERANCE * 10 or not model.q > 1:
        raise NotFittedError(f"Gamma-gamma finds no parameters for {len(x):,} customers: {found.message}")
    return model


def gamma_gamma_log_likelihood(model: GammaGamma, known: Histories) -> float:
    """Of the customers with a repeat together."""
    return float(_terms(model, *_spending(known))[0].sum())


def _spending(known: Histories) -> tuple[Floats, Floats]:
    counted = (known.frequency > 0) & (known.mean_spend > 0)
    return known.frequency[counted], known.mean_spend[counted]


def _terms(model: GammaGamma, x: Floats, spend: Floats) -> tuple[Floats, Floats]:
    """Each customer's log-likelihood, and its derivatives by p, q and v (3 rows)."""
    p, q, v = astuple(model)
    days, total = p * x, v + x * spend
    likelihoods = (
        gammaln(days + q)
        - gammaln(days)
        - gammaln(q)
        + q * np.log(v)
        + (days - 1) * np.log(spend)
        + days * np.log(x)
        - (days + q) * np.log(total)
    )
    all_days = psi(days + q)
    slopes = np.array(
        [
            x * (all_days - psi(days) + np.log(x * spend / total)),
            all_days - psi(q) + np.log(v / total),
            q / v - (days + q) / total,
        ]
    )
    return likelihoods, slopes
