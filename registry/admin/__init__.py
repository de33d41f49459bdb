"""The Django admin over the record."""

from . import experiments, metrics, operations, registered_models, runs

__all__ = ["experiments", "metrics", "operations", "registered_models", "runs"]
