"""What is scored of every customer, as columns. Plain Python, no Django."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from features.personalisation.maths.histories import Histories
from features.personalisation.maths.segments import scores, segments_of
from features.personalisation.parameters import ValueModel


@dataclass(frozen=True, slots=True)
class Scored:
    """Columns by their names, a place a customer; ``keys`` are the customers' primary keys."""

    keys: list[int]
    columns: dict[str, list[Any]]

    def part(self, start: int, size: int) -> dict[str, list[Any]]:
        """Some customers' columns, with their keys as ``customer_id``."""
        here = slice(start, start + size)
        return {"customer_id": self.keys[here]} | {
            name: values[here] for name, values in self.columns.items()
        }


def scored(known: Histories, model: ValueModel) -> Scored:
    """Fifths, segment, probability to be alive, expectations and value of each customer."""
    r, f, m = scores(-known.silent_days.astype(float)), scores(known.frequency), scores(known.spent)
    columns = {
        "recency_days": known.silent_days,
        "frequency": known.frequency.astype(np.int64),
        "monetary": np.round(known.spent, 2),
        "r": r,
        "f": f,
        "m": m,
        "p_alive": model.buying.p_alive(known),
        "expected_purchases": model.buying.expected_purchases(known, model.horizon_weeks),
        "expected_spend": model.spending.expected_spend(known),
        "lifetime_value": model.lifetime_value(known),
    }
    segments = segments_of(recency_days=known.silent_days, f=f, m=m)
    told: dict[str, list[Any]] = {name: values.tolist() for name, values in columns.items()}
    return Scored(known.keys.tolist(), told | {"segment": [each.value for each in segments]})
