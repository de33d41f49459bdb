"""PostgreSQL: customers and feature definitions."""

from .customer import Customer, Purchase
from .feature_view import Entity, Feature, FeatureValue, FeatureView
from .geography import Address, City, Country

__all__ = [
    "Address",
    "City",
    "Country",
    "Customer",
    "Entity",
    "Feature",
    "FeatureValue",
    "FeatureView",
    "Purchase",
]
