"""What came of predictions in a period that nothing was fitted on. Plain Python, no Django."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from .histories import Floats

LAST_BIN = 7  # that many repeats and more are one bin
TENTH = 0.1


@dataclass(frozen=True, slots=True)
class Bin:
    """Customers with as many repeats; means of what they did and of what was expected."""

    repeats: int
    customers: int
    actual: float
    expected: float

    @property
    def title(self) -> str:
        """The repeats in words."""
        return f"{self.repeats}+" if self.repeats == LAST_BIN else str(self.repeats)


@dataclass(frozen=True, slots=True)
class Errors:
    """How far predictions are from what came; ``bias`` is the share by which the total is missed."""

    mae: float
    rmse: float
    bias: float


def errors(actual: Floats, predicted: Floats) -> Errors:
    """Mean absolute error, root mean squared error and bias of the total."""
    apart = predicted - actual
    return Errors(
        mae=float(np.abs(apart).mean()),
        rmse=float(np.sqrt((apart**2).mean())),
        bias=float(predicted.sum() / actual.sum() - 1) if actual.sum() else float("nan"),
    )


def calibration(repeats: Floats, actual: Floats, expected: Floats) -> list[Bin]:
    """Expected against actual means by the number of repeats before."""
    capped = np.minimum(repeats, LAST_BIN).astype(int)
    found = []
    for each in np.unique(capped):
        here = capped == each
        means = float(actual[here].mean()), float(expected[here].mean())
        found.append(Bin(int(each), int(here.sum()), *means))
    return found


def gains(actual: Floats, predicted: Floats, shares: Floats) -> Floats:
    """The part of all that came which falls to the best shares of customers, by what was predicted.

    Customers who are predicted alike count by their mean, as if their order were drawn.
    """
    order = np.argsort(-predicted, kind="stable")
    _, group, sizes = np.unique(-predicted, return_inverse=True, return_counts=True)
    fair = (np.bincount(group, weights=actual) / sizes)[group]
    found = np.concatenate([[0.0], np.cumsum(fair[order])]) / actual.sum()
    return np.asarray(np.interp(shares * len(actual), np.arange(len(found)), found), dtype=np.float64)


def lift(actual: Floats, predicted: Floats, share: float = TENTH) -> float:
    """How many times more than the mean customer the best share of customers did."""
    return float(gains(actual, predicted, np.array([share]))[0] / share)


def roc_auc(happened: NDArray[np.bool_], predicted: Floats) -> float:
    """The chance that one to whom it happened was predicted higher than one to whom it did not."""
    hits = int(happened.sum())
    ranks = rankdata(predicted)[happened].sum() - hits * (hits + 1) / 2
    return float(ranks / (hits * (len(happened) - hits)))
