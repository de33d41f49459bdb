"""The features of a customer who has bought nothing yet."""

from typing import Any

from features.definitions.customer import CUSTOMER_ACTIVITY, CUSTOMER_PLACE, CUSTOMER_RFM
from features.definitions.customer_sources import MONTHS
from features.models import Customer, Feature

NOTHING = {Feature.Type.INT: 0, Feature.Type.FLOAT: 0.0, Feature.Type.BOOL: False}
UNKNOWN = {"days_since_last_purchase", "days_between_last_purchases"}


def first_features(customer: Customer) -> dict[str, dict[str, Any]]:
    """Values by the view's name: nothing bought, no last purchase, and where they live.

    Args:
        customer: with address, city and country.
    """
    bought = {
        view.name: {
            each.name: None if each.name in UNKNOWN else NOTHING[Feature.Type(each.value_type)]
            for each in view.features
        }
        for view in (CUSTOMER_RFM, CUSTOMER_ACTIVITY)
    }
    return bought | {CUSTOMER_PLACE.name: _place(customer)}


def _place(customer: Customer) -> dict[str, Any]:
    spent = {"monthly_spend": [0.0] * MONTHS}
    if customer.address is None:
        return spent
    city = customer.address.city
    return spent | {
        "city": city.name,
        "country": city.country.code,
        "latitude": city.latitude,
        "longitude": city.longitude,
        "population": city.population,
    }
