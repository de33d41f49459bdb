"""What customers will spend, in today's dollars. Plain Python, no Django."""

import numpy as np

from .bg_nbd import BgNbd
from .gamma_gamma import GammaGamma
from .histories import Floats, Histories

HORIZON_WEEKS = 52
STEP_WEEKS = 4
WEEKS_A_YEAR = 52
YEARLY_DISCOUNT = 0.10


def lifetime_value(
    buying: BgNbd,
    spending: GammaGamma,
    known: Histories,
    *,
    weeks: int = HORIZON_WEEKS,
    yearly_discount: float = YEARLY_DISCOUNT,
) -> Floats:
    """US dollars of each customer's purchases in the next weeks, discounted to now.

    Revenue, not profit: of margins nothing is known. What falls into a step of four weeks is discounted
    from the step's middle.
    """
    value = np.zeros(len(known))
    before: Floats = np.zeros(len(known))
    for begin in range(0, weeks, STEP_WEEKS):
        end = min(begin + STEP_WEEKS, weeks)
        until = buying.expected_purchases(known, end)
        years = (begin + end) / 2 / WEEKS_A_YEAR
        value += (until - before) / (1 + yearly_discount) ** years
        before = until
    return np.asarray(value * spending.expected_spend(known), dtype=np.float64)
