"""Purchases as the models of customers' value read them: by customer, days with a purchase counted once."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
from django.db import connection

from features.personalisation.maths.histories import DAYS_A_WEEK, Floats, Histories

# The day before the given time is the last that counts, so ages end there (as in the literature).
HISTORIES = """
WITH bought AS (
    SELECT p.customer_id, (purchased_at AT TIME ZONE 'UTC')::date AS day, sum(amount) AS amount
    FROM features_purchase p JOIN features_customer c ON c.id = p.customer_id
    WHERE purchased_at < %(as_of)s AND (%(only)s::text[] IS NULL OR c.customer_id = ANY(%(only)s))
    GROUP BY 1, 2
), placed AS (
    SELECT customer_id, day, amount, min(day) OVER (PARTITION BY customer_id) AS first_day FROM bought
)
SELECT customer_id, count(*) - 1, max(day) - first_day, (%(as_of)s AT TIME ZONE 'UTC')::date - 1 - first_day,
    coalesce(avg(amount) FILTER (WHERE day > first_day), 0)::float8,
    (%(as_of)s AT TIME ZONE 'UTC')::date - max(day), sum(amount)::float8
FROM placed GROUP BY customer_id, first_day ORDER BY customer_id
"""
BETWEEN = """
SELECT customer_id, count(DISTINCT (purchased_at AT TIME ZONE 'UTC')::date), sum(amount)::float8
FROM features_purchase WHERE purchased_at >= %(since)s AND purchased_at < %(until)s GROUP BY customer_id
"""
DAYS = """
WITH bought AS (
    SELECT DISTINCT customer_id, (purchased_at AT TIME ZONE 'UTC')::date AS day
    FROM features_purchase WHERE purchased_at < %(until)s
), placed AS (SELECT day, min(day) OVER (PARTITION BY customer_id) AS first_day FROM bought)
SELECT day, count(*) FILTER (WHERE day = first_day), count(*) FILTER (WHERE day > first_day)
FROM placed GROUP BY day ORDER BY day
"""


def purchase_histories(*, as_of: dt.datetime, customer_ids: Sequence[str] | None = None) -> Histories:
    """Everyone who bought before a time (midnight UTC), or those of the customers (one statement)."""
    only = None if customer_ids is None else list(customer_ids)
    rows = _fetched(HISTORIES, {"as_of": as_of, "only": only})
    keys, repeats, recency, age, mean_spend, silent, spent = _columns(rows, 7)
    return Histories(
        keys=keys.astype(np.int64),
        frequency=repeats,
        recency=recency / DAYS_A_WEEK,
        age=age / DAYS_A_WEEK,
        mean_spend=mean_spend,
        silent_days=silent.astype(np.int64),
        spent=spent,
    )


def purchases_between(known: Histories, *, since: dt.datetime, until: dt.datetime) -> tuple[Floats, Floats]:
    """Days with a purchase and US dollars of each customer in a time, its end left out (one statement)."""
    keys, days, dollars = _columns(_fetched(BETWEEN, {"since": since, "until": until}), 3)
    found = {int(key): place for place, key in enumerate(keys)}
    places = np.array([found.get(int(key), -1) for key in known.keys])
    padded = [np.append(each, 0.0) for each in (days, dollars)]  # the last place is of who bought nothing
    return padded[0][places], padded[1][places]


def purchases_by_day(*, until: dt.datetime) -> tuple[list[dt.date], Floats, Floats]:
    """Days with a purchase, how many bought first then, and how many again (one statement)."""
    rows = _fetched(DAYS, {"until": until})
    _, first, again = _columns([(0, *row[1:]) for row in rows], 3)
    return [row[0] for row in rows], first, again


def last_purchase_day() -> dt.date | None:
    """The newest day with a purchase (UTC); None before the first (one statement)."""
    rows = _fetched("SELECT (max(purchased_at) AT TIME ZONE 'UTC')::date FROM features_purchase", {})
    found: dt.date | None = rows[0][0]
    return found


def _fetched(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _columns(rows: Sequence[tuple[Any, ...]], width: int) -> list[Floats]:
    return list(np.array(rows, dtype=np.float64).reshape(len(rows), width).T)
