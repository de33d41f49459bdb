"""What is written and read: the same values for every layout and program. Standard library only."""

import random
from dataclasses import dataclass

ENTITIES = 1_000
SIZES = (1, 10, 100, 1_000)
WIDTHS = (10, 50)
EVENT_SECONDS = 1_700_000_000


@dataclass(frozen=True)
class Case:
    """Read ``width`` features of ``size`` entities."""

    size: int
    width: int

    @property
    def title(self) -> str:
        """Such as ``100 x 50``."""
        return f"{self.size:,} x {self.width}"


CASES = tuple(Case(size, width) for width in WIDTHS for size in SIZES)


def view_name(width: int) -> str:
    """The view of so many features."""
    return f"wide_{width}"


def feature_names(width: int) -> list[str]:
    """Its features."""
    return [f"feature_{number}" for number in range(width)]


def values(width: int) -> list[list[float]]:
    """A row of floats for each entity, the same every time."""
    chance = random.Random(width)  # noqa: S311 (the same every time)
    return [[chance.gauss(0, 1) for _ in range(width)] for _ in range(ENTITIES)]


def columns(case: Case) -> dict[str, list[float]]:
    """What a reader must be told in a case: a column for each feature."""
    rows = values(case.width)[: case.size]
    return {name: [row[number] for row in rows] for number, name in enumerate(feature_names(case.width))}
