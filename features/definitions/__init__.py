"""Feature definitions in code: what ``manage.py apply_features`` writes to PostgreSQL."""

from .base import EntityDefinition, FeatureDefinition, ViewDefinition
from .customer import CUSTOMER_ACTIVITY, CUSTOMER_PLACE, CUSTOMER_RFM, CUSTOMER_SESSION

VIEWS: tuple[ViewDefinition, ...] = (CUSTOMER_RFM, CUSTOMER_ACTIVITY, CUSTOMER_PLACE, CUSTOMER_SESSION)

__all__ = [
    "CUSTOMER_ACTIVITY",
    "CUSTOMER_PLACE",
    "CUSTOMER_RFM",
    "CUSTOMER_SESSION",
    "VIEWS",
    "EntityDefinition",
    "FeatureDefinition",
    "ViewDefinition",
]
