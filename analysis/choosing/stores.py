"""What is said of a store, and which stores there are to choose from."""

from dataclasses import dataclass
from enum import StrEnum


class StoreName(StrEnum):
    """A store, or a family of stores that are alike where it matters for a choice."""

    POSTGRESQL = "postgresql"
    MONGODB = "mongodb"
    REDIS = "redis"
    FILES = "files"
    COLUMN_FAMILY = "column-family"
    GRAPH = "graph"
    TIME_SERIES = "time-series"


@dataclass(frozen=True)
class Source:
    """A public page that a statement rests on."""

    title: str
    url: str


@dataclass(frozen=True)
class Store:
    """The trade-offs of one store.

    Attributes:
        is_run: whether this platform runs it; what is said of the others comes from ``sources``.
        setup: how it is run here, or which servers the family stands for.
        instead: what to use inside this platform where the store is not run; empty for those that are.
    """

    name: StoreName
    title: str
    is_run: bool
    setup: str
    strengths: tuple[str, ...]
    weaknesses: tuple[str, ...]
    best_for: tuple[str, ...]
    not_for: tuple[str, ...]
    consistency: str
    durability: str
    failure: str
    operations: str
    instead: str = ""
    sources: tuple[Source, ...] = ()

    @property
    def phrase(self) -> str:
        """Its name inside a sentence: ``Redis``, ``a graph store``, ``files under their digest``."""
        if self.is_run and self.name is not StoreName.FILES:
            return self.title
        lowered = self.title[0].lower() + self.title[1:]
        return lowered if self.is_run else f"a {lowered}"

    @property
    def facets(self) -> tuple[tuple[str, str], ...]:
        """What is told in one sentence each, under its heading."""
        return (
            ("Consistency", self.consistency),
            ("Durability", self.durability),
            ("When it fails", self.failure),
            ("Operations", self.operations),
        )
