"""The Django admin over customers and feature definitions."""

from . import activity, customers, feature_views, onboarding, profile_requests, viewing

__all__ = ["activity", "customers", "feature_views", "onboarding", "profile_requests", "viewing"]
