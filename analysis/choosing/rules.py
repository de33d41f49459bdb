"""What each answer says for or against each store."""

from .rules_of_data import ACCESS, SHAPE
from .rules_of_demands import CONSISTENCY, DEPTH, LATENCY, LOSS, OPERATIONS, RETENTION, VOLUME, WRITES
from .weights import Rules

RULES: Rules = {
    "shape": SHAPE,
    "access": ACCESS,
    "consistency": CONSISTENCY,
    "latency": LATENCY,
    "volume": VOLUME,
    "writes": WRITES,
    "retention": RETENTION,
    "loss": LOSS,
    "depth": DEPTH,
    "operations": OPERATIONS,
}
