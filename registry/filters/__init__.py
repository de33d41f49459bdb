"""One grammar for the filters and orders of every search.

MLflow's filter strings are part of it; OR, NOT, parentheses, numbers for params, IN, and the least,
greatest and last value of a metric go beyond them. docs/mlflow.md shows both.

>>> parse_filter("metrics.auc > 0.9 AND params.optimizer.lr < 0.01", RUNS)
"""

from .errors import FilterError
from .parser import parse_filter, parse_order
from .subjects import EXPERIMENTS, LOGGED_MODELS, MODEL_VERSIONS, REGISTERED_MODELS, RUNS, Kind, Subject
from .tree import And, Comparison, Entity, Field, Node, Not, Or, Order, Value

__all__ = [
    "EXPERIMENTS",
    "LOGGED_MODELS",
    "MODEL_VERSIONS",
    "REGISTERED_MODELS",
    "RUNS",
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
    "parse_filter",
    "parse_order",
]
