"""The SQL behind the customers' views: every customer known before ``%(as_of)s``, one row each."""

WINDOWS = (30, 90, 180)
MONTHS = 6

# Days with a purchase count, the first is no repeat, and the monetary value is the mean of the repeats
# (Fader and Hardie on CDNOW; lifetimes' summary has the same).
RFM = """
WITH bought AS (
    SELECT customer_id, purchased_at::date AS day, sum(amount) AS amount
    FROM features_purchase WHERE purchased_at < %(as_of)s GROUP BY 1, 2
), placed AS (
    SELECT customer_id, day, amount, min(day) OVER (PARTITION BY customer_id) AS first_day FROM bought
), summed AS (
    SELECT customer_id, first_day, max(day) AS last_day, count(*) - 1 AS frequency,
        avg(amount) FILTER (WHERE day > first_day) AS monetary_value, sum(amount) AS total_spent
    FROM placed GROUP BY customer_id, first_day
)
SELECT c.customer_id AS entity_key, last_day - first_day AS recency_days, frequency,
    coalesce(round(monetary_value, 4), 0) AS monetary_value, total_spent,
    %(as_of)s::date - first_day AS tenure_days, frequency > 0 AS is_repeat_buyer
FROM summed JOIN features_customer c ON c.id = summed.customer_id
"""


def _in_window(days: int) -> str:
    since = f"FILTER (WHERE purchased_at >= %(as_of)s::timestamptz - interval '{days} days')"
    return f"""
        count(*) {since} AS purchases_{days}d,
        coalesce(sum(quantity) {since}, 0) AS quantity_{days}d,
        coalesce(sum(amount) {since}, 0) AS amount_{days}d,"""


ACTIVITY = f"""
WITH bought AS (
    SELECT id, customer_id, purchased_at, quantity, amount, purchased_at
        - lag(purchased_at) OVER (PARTITION BY customer_id ORDER BY purchased_at, id) AS gap
    FROM features_purchase WHERE purchased_at < %(as_of)s
), summed AS (
    SELECT customer_id, {"".join(map(_in_window, WINDOWS))}
        extract(day FROM %(as_of)s::timestamptz - max(purchased_at))::int AS days_since_last_purchase,
        extract(day FROM (array_agg(gap ORDER BY purchased_at DESC, id DESC))[1])::int
            AS days_between_last_purchases
    FROM bought GROUP BY customer_id
)
SELECT c.customer_id AS entity_key, summed.*
FROM summed JOIN features_customer c ON c.id = summed.customer_id
"""  # noqa: S608 (made of constants)


def _in_month(back: int) -> str:
    return f"""coalesce(sum(amount) FILTER (
        WHERE purchased_at >= %(as_of)s::timestamptz - interval '{back} months'
        AND purchased_at < %(as_of)s::timestamptz - interval '{back - 1} months'), 0)"""


PLACE = f"""
WITH spent AS (
    SELECT customer_id, jsonb_build_array({", ".join(map(_in_month, range(MONTHS, 0, -1)))}) AS monthly_spend
    FROM features_purchase WHERE purchased_at < %(as_of)s GROUP BY customer_id
)
SELECT c.customer_id AS entity_key, city.name AS city, country.code AS country, latitude, longitude,
    population, monthly_spend
FROM spent JOIN features_customer c ON c.id = spent.customer_id
LEFT JOIN features_address a ON a.id = c.address_id
LEFT JOIN features_city city ON city.id = a.city_id
LEFT JOIN features_country country ON country.id = city.country_id
"""  # noqa: S608 (made of constants)
