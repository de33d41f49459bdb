"""What is known of each customer's purchases as of a time, as arrays. Plain Python, no Django."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DAYS_A_WEEK = 7


@dataclass(frozen=True, slots=True)
class Histories:
    """A place per customer in every array. Days with a purchase count; the first is no repeat.

    Attributes:
        keys: the customers' primary keys.
        frequency: repeats: days with a purchase after the first such day.
        recency: weeks from the first purchase to the last.
        age: weeks from the first purchase to the last day that counts.
        mean_spend: US dollars of a repeat in the mean; 0 without one.
        silent_days: days since the last purchase.
        spent: US dollars in all.
    """

    keys: NDArray[np.int64]
    frequency: Floats
    recency: Floats
    age: Floats
    mean_spend: Floats
    silent_days: NDArray[np.int64]
    spent: Floats

    def __len__(self) -> int:
        return len(self.keys)

    def chosen(self, which: NDArray[np.bool_]) -> "Histories":
        """Some of the customers."""
        return Histories(*(getattr(self, each.name)[which] for each in fields(self)))
