"""PostgreSQL, MongoDB and Redis at the same work: what is measured, and the figures that were recorded.

``mlplatform_site.benchmark.stores`` does the works; here is what needs no store.
"""

from .recorded import (
    KeyReads,
    StoreBenchmark,
    StoreFigure,
    UnreadableResultsError,
    Winner,
    recorded_results,
)
from .works import LEVEL_TITLES, LEVELS, STORES, TITLES, WORKS, Work

__all__ = [
    "LEVELS", "LEVEL_TITLES", "STORES", "TITLES", "WORKS",
    "KeyReads", "StoreBenchmark", "StoreFigure", "UnreadableResultsError", "Winner", "Work",
    "recorded_results",
]  # fmt: skip
