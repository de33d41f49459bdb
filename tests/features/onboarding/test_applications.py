"""What is taken of an application, and what is refused before anything is written."""

import datetime as dt

import pytest

from features.onboarding.applications import checked
from registry.exceptions import BadInputError

from .people import applicant


def test_an_application_is_kept_trimmed_with_a_lower_email_and_the_countrys_code() -> None:
    kept = checked(applicant(name="  Ada \n Lima ", email=" Ada@Example.COM", country="IVORY coast"))
    assert (kept.name, kept.email, kept.country) == ("Ada Lima", "ada@example.com", "CI")
    assert kept.joined_at is not None


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", " ", "no letter"),
        ("name", "123", "no letter"),
        ("name", "a" * 201, "at most 200"),
        ("name", "Ada\x00", "can't be printed"),
        ("street", "a" * 201, "at most 200"),
        ("postal_code", "1" * 21, "at most 20"),
        ("email", "ada", "no email address"),
        ("email", "a@b", "no email address"),
        ("email", "ada@example.com\x00", "no email address"),
        ("email", f"ada@{'a.' * 130}example.com", "no email address|at most 254"),
        ("city", "", "city is missing"),
        ("country", "", "no country"),
        ("country", "Atlantis", "no country 'Atlantis'"),
        ("customer_id", "a b", "customer id"),
        ("customer_id", "x" * 33, "customer id"),
        ("joined_at", dt.datetime(2020, 1, 1), "joined_at: the time has no time zone"),  # noqa: DTZ001
        ("joined_at", dt.datetime(2999, 1, 1, tzinfo=dt.UTC), "not between 1970 and tomorrow"),
        ("joined_at", dt.datetime(1969, 1, 1, tzinfo=dt.UTC), "not between 1970 and tomorrow"),
    ],
)
def test_a_wrong_field_is_named(field: str, value: object, said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        checked(applicant(**{field: value}))
