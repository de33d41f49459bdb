"""What PostgreSQL's record says that the counters should be."""

from typing import Any

from django.db import connection

from features.online.activity import SHOWN_HOURS, Counts

COUNTED = "AND b.counted_at IS NOT NULL"
DUE = """
WITH counted AS MATERIALIZED (
    SELECT b.kind, b.country, e.customer_id, e.at, (e.amount * 100)::int8 AS cents
    FROM features_activityevent e JOIN features_eventbatch b ON b.id = e.batch_id WHERE true {counted}
), newest AS (
    SELECT floor(extract(epoch FROM max(at)))::int8 AS second, date_trunc('hour', max(at), 'UTC') AS hour
    FROM counted
)
SELECT 'latest', '', '', second, 0 FROM newest WHERE second IS NOT NULL
UNION ALL SELECT 'kind', kind, '', count(*), sum(cents) FROM counted GROUP BY kind
UNION ALL SELECT 'country', country, '', count(*), sum(cents) FROM counted GROUP BY country
UNION ALL
    SELECT 'hour', extract(epoch FROM date_trunc('hour', at, 'UTC'))::int8::text, kind, count(*), sum(cents)
    FROM counted, newest WHERE at >= newest.hour - make_interval(hours => {hours}) GROUP BY 2, 3
UNION ALL (SELECT 'customer', customer_id, '', 0, sum(cents) FROM counted
    WHERE customer_id <> '' GROUP BY customer_id HAVING sum(cents) > 0
    ORDER BY 5 DESC, 2 LIMIT %(limit)s)
"""


def due_counts(*, is_counted: bool = False, limit: int | None = None) -> Counts:
    """The counters as PostgreSQL has them (one statement).

    Args:
        is_counted: only of batches that are noted as counted.
        limit: so many customers, those who spent most; all where it is None.
    """
    counts, latest = Counts(), None
    with connection.cursor() as cursor:
        cursor.execute(
            DUE.format(counted=COUNTED if is_counted else "", hours=SHOWN_HOURS - 1), {"limit": limit}
        )
        for row in cursor.fetchall():
            latest = row[3] if row[0] == "latest" else latest
            _take(counts, row)
    countries = sorted(counts.countries.items(), key=lambda each: (-each[1][1], -each[1][0], each[0]))
    return Counts(counts.kinds, counts.hours, dict(countries[:limit]), counts.customers, latest)


def _take(counts: Counts, row: tuple[Any, ...]) -> None:
    what, name, kind, number, cents = row
    pair = int(number), int(cents)
    if what == "kind":
        counts.kinds[name] = pair
    elif what == "country":
        counts.countries[name] = pair
    elif what == "hour":
        counts.hours[int(name), kind] = pair
    elif what == "customer":
        counts.customers[name] = pair[1]
