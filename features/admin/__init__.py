"""The Django admin over customers and feature definitions."""

from . import customers, feature_views

__all__ = ["customers", "feature_views"]
