import math

import pytest
from django.db import connection, transaction
from django.db.utils import DataError
from hypothesis import given
from hypothesis import strategies as st

from registry.postgres.prepared import Prepared, array, text_array

pytestmark = pytest.mark.django_db
ECHO = Prepared(
    "echo", "SELECT %(texts)s, %(numbers)s, '100%%', %(texts)s", {"texts": "text[]", "numbers": "float8[]"}
)


def echo(texts: str, numbers: str) -> tuple[list[str], list[float]]:
    with connection.cursor() as cursor:
        ECHO.execute(cursor, {"texts": texts, "numbers": numbers})
        found, values, percent, again = cursor.fetchone()
    assert (percent, again) == ("100%", found)
    return found, values


@given(st.lists(st.text(st.characters(exclude_characters="\x00", codec="utf-8"), max_size=20), max_size=5))
def test_texts_of_any_kind_come_back_as_they_went(texts: list[str]) -> None:
    assert echo(text_array(texts), "{}") == (texts, [])


@given(st.lists(st.floats(allow_nan=False), max_size=5))
def test_numbers_of_any_kind_come_back_as_they_went(numbers: list[float]) -> None:
    assert echo("{}", array(numbers)) == ([], numbers)


def test_nan_comes_back() -> None:
    assert math.isnan(echo("{}", array([math.nan]))[1][0])


def test_a_statement_is_prepared_once_a_connection() -> None:
    for _ in range(2):
        echo("{a}", "{1}")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name = %s", [ECHO.name])
        assert cursor.fetchone() == (1,)


def test_a_statement_that_can_t_be_prepared_fails_as_any_other() -> None:
    with pytest.raises(DataError), transaction.atomic(), connection.cursor() as cursor:
        Prepared("wrong", "SELECT 1 / 0 + 'x'::int + %(a)s", {"a": "int4"}).execute(cursor, {"a": 1})
