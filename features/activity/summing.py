"""Hourly sums: the hours that batches brought events to are summed up again, whole."""

from django.db import connection, transaction

BATCHES = 5_000
SUMMING_LOCK = 0x73756D6D696E67  # "summing"
# Every hour that was touched is counted from all its events, so late ones and different customers are right.
SUMMARISE = """
WITH claimed AS (
    UPDATE features_eventbatch SET is_summarised = true
    WHERE id IN (SELECT id FROM features_eventbatch WHERE NOT is_summarised ORDER BY id LIMIT %(batches)s)
    RETURNING id
), hours AS (
    SELECT DISTINCT date_trunc('hour', e.at, 'UTC') AS hour
    FROM features_activityevent e JOIN claimed ON claimed.id = e.batch_id
), summed AS (
    INSERT INTO features_hourlyactivity (hour, kind, country, events, amount, customers, refreshed_at)
    SELECT h.hour, b.kind, b.country, count(*), sum(e.amount),
        count(DISTINCT e.customer_id) FILTER (WHERE e.customer_id <> ''), now()
    FROM hours h JOIN features_activityevent e ON e.at >= h.hour AND e.at < h.hour + interval '1 hour'
    JOIN features_eventbatch b ON b.id = e.batch_id
    GROUP BY h.hour, b.kind, b.country
    ON CONFLICT (hour, kind, country) DO UPDATE SET events = excluded.events, amount = excluded.amount,
        customers = excluded.customers, refreshed_at = excluded.refreshed_at
    RETURNING 1
)
SELECT (SELECT count(*) FROM claimed), (SELECT count(*) FROM summed)
"""


def summarise() -> int:
    """Sum up what came since the last time; returns how many rows were written. Safe to repeat."""
    rows = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            # Before the statement: it must see what the one before it committed.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SUMMING_LOCK])
            cursor.execute(SUMMARISE, {"batches": BATCHES})
            claimed, summed = cursor.fetchone()
        rows += int(summed)
        if claimed < BATCHES:
            return rows
