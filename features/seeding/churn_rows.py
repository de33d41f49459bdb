"""Who of CDNOW's customers came back: features as they were known at a time, and what happened after it."""

import datetime as dt

import numpy as np
import pandas as pd

from features.models import Customer, Purchase
from features.queries.historical_features import EVENT_TIMESTAMP, get_historical_features
from features.seeding.churn_run import ASKED_AT, FEATURES, HELD_OUT, LEARNT_AT, WATCHED, ChurnRows
from registry.exceptions import ConflictError


def churn_rows() -> ChurnRows:
    """Point-in-time features of every customer, a quarter later for each fourth (five statements).

    Raises:
        ConflictError: the features of these times were never computed.
    """
    customers = list(Customer.objects.order_by("customer_id").values_list("customer_id", flat=True))
    is_held_out = np.arange(len(customers)) % HELD_OUT == 0
    times = [ASKED_AT if later else LEARNT_AT for later in is_held_out]
    rows = get_historical_features(
        entities=pd.DataFrame({"customer_id": customers, EVENT_TIMESTAMP: times}), features=FEATURES
    )
    table = rows[list(FEATURES)].to_numpy(dtype=np.float64, na_value=np.nan)
    if not customers or np.isnan(table[:, 0]).any():
        raise ConflictError("The customers' features are absent. Run: manage.py seed_demo --only features")
    came_back = {False: _buyers(LEARNT_AT), True: _buyers(ASKED_AT)}
    has_left = [key not in came_back[bool(later)] for key, later in zip(customers, is_held_out, strict=True)]
    return ChurnRows(FEATURES, table, np.array(has_left), is_held_out)


def _buyers(since: dt.datetime) -> set[str]:
    bought = Purchase.objects.filter(purchased_at__gte=since, purchased_at__lt=since + WATCHED)
    return set(bought.order_by().values_list("customer__customer_id", flat=True).distinct())
