import uuid

import pytest
from django.core.exceptions import ValidationError

from registry.disk import check_room
from registry.fields import HexIdField, new_hex_id


def test_any_spelling_of_an_id_is_32_hexadecimal_characters() -> None:
    field, value = HexIdField(), uuid.uuid4()
    for spelling in (value, str(value), value.hex, value.hex.upper()):
        assert field.to_python(spelling) == value.hex
    assert field.to_python(None) is None
    assert field.get_db_prep_value(None) is None
    assert field.get_db_prep_value(value.hex) == value
    assert field.from_db_value(None) is None


@pytest.mark.parametrize("value", ["", "x" * 32, "123", 7])
def test_anything_else_is_no_id(value: object) -> None:
    with pytest.raises(ValidationError):
        HexIdField().to_python(value)


def test_fresh_ids_differ() -> None:
    assert new_hex_id() != new_hex_id()


def test_a_folder_that_is_not_here_says_nothing_of_its_room() -> None:
    assert check_room("PostgreSQL", "/no/such/folder") == []
