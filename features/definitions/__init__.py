"""Feature definitions in code: what ``manage.py apply_features`` writes to PostgreSQL."""

from .base import EntityDefinition, FeatureDefinition, ViewDefinition
from .customer import CUSTOMER_ACTIVITY, CUSTOMER_PLACE, CUSTOMER_RFM, CUSTOMER_SESSION
from .customer_value import CUSTOMER_VALUE
from .viewer import VIEWER_RECOMMENDATIONS

VIEWS: tuple[ViewDefinition, ...] = (
    CUSTOMER_RFM,
    CUSTOMER_ACTIVITY,
    CUSTOMER_PLACE,
    CUSTOMER_SESSION,
    VIEWER_RECOMMENDATIONS,
    CUSTOMER_VALUE,
)

__all__ = [
    "CUSTOMER_ACTIVITY",
    "CUSTOMER_PLACE",
    "CUSTOMER_RFM",
    "CUSTOMER_SESSION",
    "CUSTOMER_VALUE",
    "VIEWER_RECOMMENDATIONS",
    "VIEWS",
    "EntityDefinition",
    "FeatureDefinition",
    "ViewDefinition",
]
