"""Searches by filter and order: one statement each, paged by key (docs/mlflow.md).

The tree of a filter (registry.filters) becomes SQL whose every value is a parameter.
"""
