"""PostgreSQL: customers and feature definitions."""

from .customer import Customer, Purchase
from .feature_view import Entity, Feature, FeatureValue, FeatureView
from .geography import Address, City, Country
from .materialization import Materialization

__all__ = [
    "Address",
    "City",
    "Country",
    "Customer",
    "Entity",
    "Feature",
    "FeatureValue",
    "FeatureView",
    "Materialization",
    "Purchase",
]
