"""The Django admin over the record."""

from . import documents, experiments, metrics, operations, registered_models, runs

__all__ = ["documents", "experiments", "metrics", "operations", "registered_models", "runs"]
