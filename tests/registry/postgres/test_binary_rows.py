import pytest
from django.db import DatabaseError, transaction

from registry.postgres.binary_rows import TRUE, binary_rows, whole

pytestmark = pytest.mark.django_db


def test_fields_come_as_their_types_send_them() -> None:
    query = "SELECT n::int8, n > 0, repeat('ü', 3), float8send(n) FROM unnest(%(numbers)s) AS n ORDER BY n"
    first, second = binary_rows(query, {"numbers": [-5, 2**40]})
    assert [whole(first[0]), first[1] == TRUE, str(first[2], "utf-8")] == [-5, False, "üüü"]
    assert [whole(second[0]), second[1] == TRUE, bytes(second[3]).hex()] == [2**40, True, "4270000000000000"]


def test_null_is_empty_and_no_rows_are_none() -> None:
    assert [list(map(bytes, row)) for row in binary_rows("SELECT NULL::text, '', 'a'", {})] == [
        [b"", b"", b"a"]
    ]
    assert list(binary_rows("SELECT 1 WHERE %(no)s", {"no": False})) == []


def test_values_are_quoted_and_errors_are_djangos() -> None:
    ((word,),) = binary_rows("SELECT %(word)s", {"word": "100 % 'sure'; --"})
    assert bytes(word) == b"100 % 'sure'; --"
    with pytest.raises(DatabaseError, match="division by zero"), transaction.atomic():
        list(binary_rows("SELECT 1 / %(nought)s", {"nought": 0}))
