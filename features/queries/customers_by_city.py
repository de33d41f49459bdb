"""Where customers live and what they spent there."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

BY_CITY = """
SELECT o.code, o.name, c.name, count(*), coalesce(sum(spent.purchases), 0)::bigint,
       coalesce(sum(spent.amount), 0)
FROM features_customer u
JOIN features_address a ON a.id = u.address_id
JOIN features_city c ON c.id = a.city_id
JOIN features_country o ON o.id = c.country_id
LEFT JOIN (SELECT customer_id, count(*) AS purchases, sum(amount) AS amount
           FROM features_purchase GROUP BY customer_id) spent ON spent.customer_id = u.id
WHERE %(country)s = '' OR o.code = %(country)s
GROUP BY o.code, o.name, c.id, c.name
ORDER BY sum(spent.amount) DESC NULLS LAST, count(*) DESC, c.name, c.id LIMIT %(limit)s
"""


@dataclass(frozen=True)
class CityCustomers:
    """One city's customers, their purchases and what they spent in US dollars."""

    country_code: str
    country: str
    city: str
    customers: int
    purchases: int
    amount: Decimal


def customers_by_city(*, country_code: str = "", limit: int = 100) -> list[CityCustomers]:
    """Cities by revenue: customer → address → city → country in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(BY_CITY, {"country": country_code, "limit": limit})
        return [CityCustomers(*row) for row in cursor.fetchall()]
