"""PostgreSQL: customers, films, and feature definitions."""

from .activity import ActivityEvent, EventBatch, EventKind, HourlyActivity
from .alert import Alert, AlertRule, Severity
from .customer import Customer, Purchase
from .customer_score import CustomerScore
from .feature_view import Entity, Feature, FeatureValue, FeatureView
from .geography import Address, City, Country
from .materialization import Materialization
from .onboarding import Onboarding, OnboardingStep
from .profile_request import ProfileRequest
from .viewing import Film, Rating, Viewer

__all__ = [
    "ActivityEvent",
    "Address",
    "Alert",
    "AlertRule",
    "City",
    "Country",
    "Customer",
    "CustomerScore",
    "Entity",
    "EventBatch",
    "EventKind",
    "Feature",
    "FeatureValue",
    "FeatureView",
    "Film",
    "HourlyActivity",
    "Materialization",
    "Onboarding",
    "OnboardingStep",
    "ProfileRequest",
    "Purchase",
    "Rating",
    "Severity",
    "Viewer",
]
