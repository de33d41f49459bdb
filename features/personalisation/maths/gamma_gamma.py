"""Gamma-gamma: what a customer spends on a day with a purchase.

Fader and Hardie, The Gamma-Gamma Model of Monetary Value (2013). A customer's days are gamma(p, scale), and
the scale is gamma(q, v) over all customers, whatever the number of days. Plain Python, no Django.
"""

from dataclasses import astuple, dataclass

import numpy as np

from .histories import Floats, Histories


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """The three parameters; v is in US dollars."""

    p: float
    q: float
    v: float

    @property
    def mean(self) -> float:
        """US dollars a day with a purchase, over all customers; known for q above 1."""
        return self.p * self.v / (self.q - 1)

    def expected_spend(self, known: Histories) -> Floats:
        """US dollars of each customer's next day with a purchase: between their own mean and everyone's."""
        p, q, v = astuple(self)
        x = known.frequency
        return np.asarray(p * (v + x * known.mean_spend) / (p * x + q - 1), dtype=np.float64)
