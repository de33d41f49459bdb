"""Cities by name, whatever the accents, the script and the language."""

import pytest

from features.gazetteer import find_place, folded, places, similar_names
from tests.features.seeding.test_places import cities


@pytest.mark.parametrize(
    ("name", "code", "found"),
    [
        ("lyon", "FR", "Lyon"),
        ("Sao  Paulo", "BR", "São Paulo"),
        ("Saint Etienne", "FR", "Saint-Étienne"),
        ("München", "DE", "Munich"),
        ("東京", "JP", "Tokyo"),
    ],
)
def test_a_city_is_found_by_any_of_its_names(name: str, code: str, found: str) -> None:
    place = find_place(name, code)
    assert place is not None
    assert (place.name, place.country_code) == (found, code)


def test_of_several_cities_of_a_name_the_largest_is_meant() -> None:
    same = [place for place in places() if place.country_code == "US" and place.name == "Springfield"]
    assert len(same) > 1
    assert find_place("Springfield", "US") == max(same, key=lambda place: place.population)


@pytest.mark.parametrize(("name", "code"), [("Lyon", "JP"), ("Lyno", "FR"), ("Lyon", "??"), ("", "FR")])
def test_a_city_that_is_not_there_is_none(name: str, code: str) -> None:
    assert find_place(name, code) is None


def test_names_that_are_spelt_alike_are_offered() -> None:
    assert similar_names("Parsi", "FR")[0] == "Paris"
    assert similar_names("Parsi", "??") == []


def test_a_name_is_folded_to_bare_letters() -> None:
    assert folded("  SÃO-Paulo ") == "sao paulo"


def test_seeded_cities_are_the_large_ones_among_them() -> None:
    assert set(cities()) < set(places())
