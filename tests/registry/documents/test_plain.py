import datetime as dt
import math
from typing import Any

import bson
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.documents.plain import as_json, check_text, decode, decode_key, encode, encode_key
from registry.exceptions import BadInputError, BodyTooLargeError

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
TRICKY = st.text(alphabet="a.$%24E25 ", max_size=8)
SCALAR = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), TEXT
)
VALUE = st.recursive(
    SCALAR,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(TEXT, TRICKY), inner, max_size=4)
    ),
    max_leaves=15,
)


@given(VALUE)
def test_any_value_comes_back_from_bson_as_it_went(value: Any) -> None:
    stored = bson.decode(bson.encode({"x": encode(value)}))["x"]
    assert decode(stored) == value


@given(st.one_of(TEXT, TRICKY))
def test_a_key_comes_back_and_is_no_path_and_no_operator(key: str) -> None:
    encoded = encode_key(key)
    assert decode_key(encoded) == key
    assert encoded
    assert "." not in encoded
    assert not encoded.startswith("$")


@given(st.one_of(TEXT, TRICKY), st.one_of(TEXT, TRICKY))
def test_two_keys_never_meet(one: str, other: str) -> None:
    assert (encode_key(one) == encode_key(other)) == (one == other)


def test_nan_infinities_numpy_and_dates_survive() -> None:
    now = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    encoded = encode(
        {"n": math.nan, "i": -math.inf, "f": np.float32(0.5), "d": now, "k": np.int64(3), "t": (1,)}
    )
    assert math.isnan(encoded.pop("n"))
    assert encoded == {"i": -math.inf, "f": 0.5, "d": now, "k": 3, "t": [1]}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": {"b": object()}}, r"a\.b is a object"),
        ({"a": [1, {2}]}, r"a\[1\] is a set"),
        ({"a": np.zeros(3)}, "Log arrays and objects as artifacts"),
        ({"a": b"bytes"}, "is a bytes"),
        ({1: "x"}, "keys must be text"),
        ({"a": 2**63}, "beyond 64 bits"),
        ({"a": -(2**63) - 1}, "beyond 64 bits"),
        ({"a": "x\x00"}, "NUL"),
        ({"a\x00": "x"}, "NUL"),
        ({"a": "\ud800"}, "surrogate"),
    ],
)
def test_what_can_not_be_stored_is_named_with_its_place(value: Any, message: str) -> None:
    with pytest.raises(BadInputError, match=message):
        encode(value)


def test_a_body_beyond_the_limit_is_refused_with_its_size() -> None:
    with pytest.raises(BodyTooLargeError, match=r"config is 17\.0 MB; a document may have 15 MB.*artifact"):
        encode({"a": "x" * 17 * 1024 * 1024}, where="config")


def test_json_gets_dates_and_numbers_that_it_can_hold() -> None:
    value = {
        "d": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        "n": [math.nan, math.inf, 1.5],
        "o": bson.ObjectId("0" * 24),
    }
    assert as_json(value) == {"d": "2026-01-01T00:00:00+00:00", "n": ["nan", "inf", 1.5], "o": "0" * 24}


def test_good_text_is_returned() -> None:
    assert check_text("ünï ✓ 你好", where="x") == "ünï ✓ 你好"
