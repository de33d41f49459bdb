"""Which of four segments a customer is in: the rules, written down once. Plain Python, no Django."""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

DORMANT_DAYS = 90
AT_RISK_DAYS = 45
VIP_SCORE = 5
SCORES = 5


class SegmentName(StrEnum):
    """In the order of the rules: the first that holds decides."""

    DORMANT = "dormant"
    AT_RISK = "at_risk"
    VIP = "vip"
    ACTIVE = "active"


TITLES = {
    SegmentName.DORMANT: "Dormant",
    SegmentName.AT_RISK: "At risk",
    SegmentName.VIP: "VIP",
    SegmentName.ACTIVE: "Active",
}
RULES = {
    SegmentName.DORMANT: f"Bought nothing for {DORMANT_DAYS} days or longer",
    SegmentName.AT_RISK: f"Last bought {AT_RISK_DAYS} to {DORMANT_DAYS - 1} days ago",
    SegmentName.VIP: (
        f"Bought within {AT_RISK_DAYS} days, and is in the best fifth both by days with a purchase"
        " and by dollars spent"
    ),
    SegmentName.ACTIVE: f"Bought within {AT_RISK_DAYS} days",
}


def scores(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """1 to 5 by how many fifths of all values lie below; equal values score alike.

    Where more than a fifth share a value, a score is left out: half of CDNOW never bought again, so by
    frequency they score 1 and the next 3.
    """
    if not len(values):
        return np.zeros(0, np.int64)
    below = np.searchsorted(np.sort(values), values, side="left")
    return 1 + below * SCORES // len(values)


def segments_of(
    *, recency_days: NDArray[np.int64], f: NDArray[np.int64], m: NDArray[np.int64]
) -> Sequence[SegmentName]:
    """Each customer's segment.

    Args:
        recency_days: days since the last purchase.
        f: score of the days with a purchase, 1 to 5.
        m: score of the dollars spent, 1 to 5.
    """
    rules = (
        recency_days >= DORMANT_DAYS,
        recency_days >= AT_RISK_DAYS,
        (f == VIP_SCORE) & (m == VIP_SCORE),
    )
    chosen = np.select(rules, range(len(rules)), default=len(rules))
    order = tuple(SegmentName)
    return [order[place] for place in chosen]
