"""Points for and against a store, with their reason.

4 is what a store is made for (files alone get more), 3 a strength, 2 it does well, 1 it can; below zero
the same against it. No reason claims a speed: how fast a store is, the recorded benchmark says.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .stores import StoreName

PG, MONGO, REDIS, FILES = StoreName.POSTGRESQL, StoreName.MONGODB, StoreName.REDIS, StoreName.FILES
COLUMN, GRAPH, TIME = StoreName.COLUMN_FAMILY, StoreName.GRAPH, StoreName.TIME_SERIES


@dataclass(frozen=True)
class Weight:
    """Points for a store, and why."""

    store: StoreName
    points: int
    reason: str


Rules = Mapping[str, Mapping[str, tuple[Weight, ...]]]
