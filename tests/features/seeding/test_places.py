from collections import Counter

import pytest

from features.seeding.cdnow import transactions
from features.seeding.places import Atlas, Place, cities
from features.seeding.synthetic import person


def place(name: str, population: int) -> Place:
    return Place(
        geonames_id=1,
        name=name,
        country_code="FR",
        country_name="France",
        latitude=48.9,
        longitude=2.4,
        population=population,
    )


def test_cities_are_real_ones_with_coordinates() -> None:
    berlin = next(city for city in cities() if city.name == "Berlin")
    assert (berlin.country_code, berlin.country_name) == ("DE", "Germany")
    assert (berlin.latitude, berlin.longitude) == pytest.approx((52.52, 13.41), abs=0.01)


def test_cities_are_large_and_listed_once() -> None:
    found = cities()
    assert len({city.geonames_id for city in found}) == len(found) > 1_000
    assert min(city.population for city in found) >= 300_000


@pytest.mark.parametrize(
    ("fraction", "name"), [(0.0, "Small"), (0.249, "Small"), (0.25, "Large"), (0.999, "Large")]
)
def test_an_atlas_draws_by_population(fraction: float, name: str) -> None:
    assert Atlas([place("Small", 1_000), place("Large", 3_000)]).at(fraction).name == name


def test_a_made_up_person_is_always_the_same() -> None:
    atlas = Atlas(cities())
    assert person("00001", atlas) == person("00001", Atlas(cities()))
    assert person("00001", atlas).name == "Clara Olsen"


def test_made_up_emails_are_unique_and_go_nowhere() -> None:
    atlas = Atlas(cities())
    emails = [person(found, atlas).email for found in {t.customer_id for t in transactions()}]
    assert len(set(emails)) == 23_570
    assert {email.rpartition("@")[2] for email in emails} == {"example.com"}


def test_customers_live_where_people_live() -> None:
    atlas = Atlas(cities())
    countries = Counter(person(f"{n:05}", atlas).place.country_code for n in range(5_000))
    assert countries.most_common(2)[0][0] == "CN"
    assert len(countries) > 100
