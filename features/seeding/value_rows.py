"""What the runs of customers' value learn from, by PostgreSQL."""

import numpy as np

from features.queries.purchase_histories import purchase_histories, purchases_between, purchases_by_day
from features.seeding import cdnow
from features.seeding.value_runs import BEGAN, ENDED, FIRST_HALF, ByDay, ValueRows, ValueRun
from registry.exceptions import ConflictError


def value_rows(run: ValueRun) -> ValueRows:
    """Purchases before the run's time, and of the 39 weeks after it (three statements).

    Raises:
        ConflictError: the customers are absent.
        CdnowNotFoundError: the wheel that says who is in the published sample is not installed.
    """
    only = cdnow.sample() if run.is_sample else None
    known = purchase_histories(as_of=run.as_of, customer_ids=only)
    if not len(known):
        raise ConflictError("There are no purchases to learn from. Run: manage.py seed_demo --only customers")
    days, dollars = purchases_between(known, since=run.as_of, until=ENDED)
    return ValueRows(run, known, days, dollars, _by_day() if run == FIRST_HALF else None)


def _by_day() -> ByDay:
    days, first, again = purchases_by_day(until=ENDED)
    return ByDay(np.array([(day - BEGAN.date()).days for day in days], dtype=np.float64), first, again)
