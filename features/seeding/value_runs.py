"""The declared runs of customers' value, and what they learn from. Plain Python, no Django."""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Any

from features.personalisation.maths.histories import Floats, Histories
from features.personalisation.maths.lifetime_value import HORIZON_WEEKS, YEARLY_DISCOUNT
from features.personalisation.parameters import NAME
from features.seeding.run_ids import declared_run_id

DATASET = "cdnow-purchases"
HALF_WEEKS = 39
BEGAN = dt.datetime(1997, 1, 1, tzinfo=dt.UTC)
HALF = BEGAN + dt.timedelta(weeks=HALF_WEEKS)  # 1997-10-01: nine months known, nine to be told
ENDED = HALF + dt.timedelta(weeks=HALF_WEEKS)  # 1998-07-01: the day after the last purchase
# Fader, Hardie and Lee 2005; Fader and Hardie 2013: a tenth of the customers, the first 39 weeks.
PUBLISHED = {
    "r": 0.243,
    "alpha": 4.414,
    "a": 0.793,
    "b": 2.426,
    "log_likelihood": -9582.4,
    "p": 6.25,
    "q": 3.74,
    "v": 15.44,
}


@dataclass(frozen=True, slots=True)
class ValueRun:
    """One declared training.

    Attributes:
        as_of: purchases before it are learnt from.
        is_sample: of the published tenth of the customers alone.
        is_checked: against the purchases of the 39 weeks after.
    """

    name: str
    as_of: dt.datetime
    is_sample: bool = False
    is_checked: bool = False

    @property
    def config(self) -> dict[str, Any]:
        """What the run is told, as it is recorded."""
        return {
            "estimator": {"name": "BG/NBD with gamma-gamma", "fit": "maximum likelihood, BFGS"},
            "purchases_before": self.as_of.date().isoformat(),
            "customers": "published sample" if self.is_sample else "all",
            "horizon_weeks": HORIZON_WEEKS,
            "yearly_discount": YEARLY_DISCOUNT,
            "checked_on": f"the next {HALF_WEEKS} weeks" if self.is_checked else "nothing",
        }

    @property
    def run_id(self) -> str:
        """The same whenever the same training is declared."""
        return declared_run_id(NAME, self.config)


SAMPLE = ValueRun("the published sample, 39 weeks", HALF, is_sample=True, is_checked=True)
FIRST_HALF = ValueRun("39 weeks, checked on the next 39", HALF, is_checked=True)
WHOLE = ValueRun("all 78 weeks", ENDED)
RUNS = (SAMPLE, FIRST_HALF, WHOLE)


@dataclass(frozen=True, slots=True)
class ByDay:
    """How many bought for the first time and again, by the number of the day since the first one (0)."""

    number: Floats
    first: Floats
    again: Floats


@dataclass(frozen=True, slots=True)
class ValueRows:
    """What one run learns from, and what came after it: days with a purchase and dollars by customer."""

    run: ValueRun
    known: Histories
    days: Floats
    dollars: Floats
    by_day: ByDay | None = None

    @property
    def digest(self) -> str:
        """SHA-256 over all that is learnt from and asked."""
        parts = (self.known.frequency, self.known.recency, self.known.age, self.known.spent, self.days)
        return hashlib.sha256(b"".join(each.tobytes() for each in parts)).hexdigest()
