"""One grammar for the filters and orders of every search.

MLflow's filter strings are part of it; OR, NOT, parentheses, numbers for params, IN, and the least,
greatest and last value of a metric go beyond them. docs/mlflow.md shows both.

>>> parse_filter("metrics.auc > 0.9 AND params.optimizer.lr < 0.01", RUNS)
"""

from .errors import FilterError
from .parser import parse_filter, parse_order
from .rendering import field_text, filter_text
from .subjects import (
    EXPERIMENTS,
    LOGGED_MODELS,
    MODEL_VERSIONS,
    REGISTERED_MODELS,
    RUNS,
    RUNS_TABLE,
    Kind,
    Subject,
)
from .tree import And, Comparison, Entity, Field, Node, Not, Or, Order, Value
from .words import CONTAINS, as_pattern, containing, words_or_filter

__all__ = [
    "CONTAINS",
    "EXPERIMENTS",
    "LOGGED_MODELS",
    "MODEL_VERSIONS",
    "REGISTERED_MODELS",
    "RUNS",
    "RUNS_TABLE",
    "And",
    "Comparison",
    "Entity",
    "Field",
    "FilterError",
    "Kind",
    "Node",
    "Not",
    "Or",
    "Order",
    "Subject",
    "Value",
    "as_pattern",
    "containing",
    "field_text",
    "filter_text",
    "parse_filter",
    "parse_order",
    "words_or_filter",
]
