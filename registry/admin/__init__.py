"""The Django admin over the record."""

from . import (
    audit,
    documents,
    experiments,
    logged_models,
    metrics,
    operations,
    reconcile,
    registered_models,
    runs,
)

__all__ = [
    "audit",
    "documents",
    "experiments",
    "logged_models",
    "metrics",
    "operations",
    "reconcile",
    "registered_models",
    "runs",
]
