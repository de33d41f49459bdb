import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features import keys
from features.entity_keys import all_checked, entity_key, entity_keys
from registry.exceptions import BadInputError

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)


def test_one_join_key_is_its_value_as_text() -> None:
    assert entity_key(["id"], {"id": "a|b", "other": 1}) == "a|b"
    assert entity_key(["id"], {"id": 7}) == entity_key(["id"], {"id": np.int64(7)}) == "7"


@settings(max_examples=40, deadline=None)
@given(st.tuples(TEXT, TEXT), st.tuples(TEXT, TEXT))
def test_several_join_keys_never_meet_in_one_text(one: tuple[str, str], other: tuple[str, str]) -> None:
    names = ["a", "b"]
    made = [entity_key(names, dict(zip(names, each, strict=True))) for each in (one, other)]
    assert (made[0] == made[1]) == (one == other)


def test_columns_become_keys_row_by_row() -> None:
    assert entity_keys(["a"], {"a": [1, "x"]}) == ["1", "x"]
    assert entity_keys(["a", "b"], {"b": ["%", "|"], "a": [1, 2]}) == ["1|%25", "2|%7C"]
    assert entity_keys(["a"], {"a": []}) == []


@pytest.mark.parametrize("value", [None, 1.5, True, 1 << 63, "", "x" * 201, "a\0b", "\ud800", b"x"])
def test_what_is_no_key_is_refused(value: object) -> None:
    with pytest.raises(BadInputError):
        entity_key(["a"], {"a": value})
    with pytest.raises(BadInputError):
        entity_keys(["a"], {"a": ["plain", value]})


def test_columns_that_are_missing_or_of_other_lengths_are_refused() -> None:
    with pytest.raises(BadInputError, match="'b' is missing"):
        entity_keys(["a", "b"], {"a": [1]})
    with pytest.raises(BadInputError, match="different lengths"):
        entity_keys(["a", "b"], {"a": [1], "b": [1, 2]})
    with pytest.raises(BadInputError, match="text"):
        all_checked(["a", 1])  # type: ignore[list-item]


@settings(max_examples=40, deadline=None)
@given(TEXT, TEXT)
def test_no_key_from_outside_breaks_out_of_its_place_in_redis(one: str, other: str) -> None:
    first, second = keys.feature_rows("customer", "v", 1, [one, other])
    assert (first == second) == (one == other)
    tag = first[first.index("{") + 1 : first.index("}")]
    assert (first.count("{"), first.count("}"), first[-5:]) == (1, 1, "}:v:1")
    assert keys.feature_rows("customer", "w", 2, [one])[0].split("{")[1].split("}")[0] == tag
