"""The declared churn run, and what it learns from. Plain Python, no Django."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.seeding.run_ids import declared_run_id

FEATURES = (
    "customer_rfm:recency_days",
    "customer_rfm:frequency",
    "customer_rfm:monetary_value",
    "customer_rfm:total_spent",
    "customer_rfm:tenure_days",
    "customer_activity:purchases_30d",
    "customer_activity:purchases_90d",
    "customer_activity:purchases_180d",
    "customer_activity:amount_90d",
    "customer_activity:amount_180d",
    "customer_activity:days_since_last_purchase",
    "customer_activity:days_between_last_purchases",
)
LEARNT_AT = dt.datetime(1997, 9, 30, tzinfo=dt.UTC)
ASKED_AT = dt.datetime(1997, 12, 31, tzinfo=dt.UTC)
WATCHED = dt.timedelta(days=180)
HELD_OUT = 4  # every fourth customer

NAME = "customer-churn"
LEFT = "churned"
CLASSES = (LEFT, "active")
DATASET = "cdnow-churn"
STRENGTH = 1.0
CONFIG: dict[str, Any] = {
    "features": list(FEATURES),
    "learnt_at": LEARNT_AT.date().isoformat(),
    "asked_at": ASKED_AT.date().isoformat(),
    "watched_days": WATCHED.days,
    "held_out": f"every {HELD_OUT}th customer",
    "imputation": "median",
    "transformation": "log1p, standardised",
    "estimator": {"name": "logistic_regression", "C": STRENGTH},
}
RUN_ID = declared_run_id(NAME, CONFIG)


@dataclass(frozen=True, slots=True)
class ChurnRows:
    """Rows to learn from, and of other customers at a later time to be asked about.

    Attributes:
        table: a row a customer, a column a feature of ``columns``; NaN where nothing was known.
        has_left: whether the customer bought nothing in the 180 days from the row's time on.
        is_held_out: the rows to be asked about.
    """

    columns: tuple[str, ...]
    table: NDArray[np.float64]
    has_left: NDArray[np.bool_]
    is_held_out: NDArray[np.bool_]

    @property
    def digest(self) -> str:
        """SHA-256 over all of it."""
        parts = (self.table.tobytes(), self.has_left.tobytes(), self.is_held_out.tobytes())
        return hashlib.sha256(repr(self.columns).encode() + b"".join(parts)).hexdigest()
