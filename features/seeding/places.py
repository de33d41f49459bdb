"""Real cities to live in, for people who are made up."""

from bisect import bisect_right
from collections.abc import Sequence
from functools import cache, cached_property
from itertools import accumulate

from features.gazetteer import Place, places

LEAST_POPULATION = 300_000


@cache
def cities() -> Sequence[Place]:
    """The world's cities of at least 300,000 people, by geonames id."""
    return [place for place in places() if place.population >= LEAST_POPULATION]


class Atlas:
    """Draws cities in proportion to their people."""

    def __init__(self, places: Sequence[Place]) -> None:
        self.places = places

    def at(self, fraction: float) -> Place:
        """The city where the person at this fraction (0 to below 1) of all people lives."""
        return self.places[bisect_right(self._borders, fraction * self._borders[-1])]

    @cached_property
    def _borders(self) -> list[int]:
        return list(accumulate(place.population for place in self.places))
