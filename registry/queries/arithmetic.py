"""Sums that no single value can stop.

PostgreSQL refuses a whole statement at an overflow or underflow, and its ``avg`` squares what it
averages: one diverged run with a loss of 1e200 would take the statistics of all runs with it.
"""

SECONDS_PER_HOUR = 3_600.0


def summable(column: str) -> str:
    """SQL for a float column as ``avg`` and ``sum`` can take it: NaN is NULL, beyond ±1e140 is infinite."""
    return (
        f"CASE WHEN {column} = 'NaN' THEN NULL WHEN {column} > 1e140::float8 THEN 'Infinity'"
        f" WHEN {column} < -1e140::float8 THEN '-Infinity' ELSE {column} END"
    )


def per_hour(amount: float | None, seconds: float | None) -> float | None:
    """An amount by the hours it took; None where either is unknown or the time is zero."""
    if amount is None or seconds is None or not seconds > 0:
        return None
    return amount * SECONDS_PER_HOUR / seconds
