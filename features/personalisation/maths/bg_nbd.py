"""BG/NBD: how often customers buy, and when they have left for good.

Fader, Hardie and Lee, "Counting Your Customers" the Easy Way, Marketing Science 24 (2005). While alive, a
customer buys at a rate that is gamma(r, alpha) over all customers; after each purchase one leaves with a
probability that is beta(a, b). Everything is worked out in logarithms; plain Python, no Django.
"""

from dataclasses import astuple, dataclass

import numpy as np

from .histories import Floats, Histories
from .hypergeometric import hypergeometric


@dataclass(frozen=True, slots=True)
class BgNbd:
    """The four parameters; the unit of time is the week."""

    r: float
    alpha: float
    a: float
    b: float

    def p_alive(self, known: Histories) -> Floats:
        """The probability that each still buys: 1 without a repeat, for one leaves only after a purchase."""
        return np.asarray(np.exp(-np.logaddexp(0.0, self._log_odds_left(known))), dtype=np.float64)

    def expected_purchases(self, known: Histories, weeks: float) -> Floats:
        """Days with a purchase in the next weeks, given what is known (equation 10 of the paper).

        Euler's transformation of the hypergeometric function keeps it near 1, where the paper's own form
        overflows for those who bought often.
        """
        r, alpha, a, b = astuple(self)
        x = known.frequency
        share = weeks / (alpha + known.age + weeks)
        series = hypergeometric(a + b - 1 - r, a - 1, a + b + x - 1, share)
        if_alive = (a + b + x - 1) / (a - 1) * (1 - (1 - share) ** (a - 1) * series)
        # Rounding may end below 0.
        return np.asarray(np.maximum(if_alive * self.p_alive(known), 0.0), dtype=np.float64)

    def expected_of_a_newcomer(self, weeks: Floats) -> Floats:
        """Repeats within weeks of the first purchase (equation 9)."""
        r, alpha, a, b = astuple(self)
        series = hypergeometric(r, b, np.array([a + b - 1]), weeks / (alpha + weeks))
        return np.asarray(
            (a + b - 1) / (a - 1) * (1 - (alpha / (alpha + weeks)) ** r * series), dtype=np.float64
        )

    def _log_odds_left(self, known: Histories) -> Floats:
        repeats = known.frequency > 0
        x = np.where(repeats, known.frequency, 1.0)
        waited = np.log1p((known.age - known.recency) / (self.alpha + known.recency))
        odds = np.log(self.a / (self.b + x - 1)) + (self.r + x) * waited
        return np.where(repeats, odds, -np.inf)
