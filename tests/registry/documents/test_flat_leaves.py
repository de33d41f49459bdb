"""Flat params as leaves of a nested body."""

import math
from typing import Any

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.documents.flat_leaves import leaves_of, size_of, value_in
from registry.sync.bodies import Body

KEYS = st.lists(st.sampled_from(["a", "b", "", "$c", "%", "d e"]), min_size=1, max_size=5).map(".".join)


def leaves_in(tree: Any) -> int:
    return sum(map(leaves_in, tree.values())) if isinstance(tree, dict) else 1


@given(st.dictionaries(KEYS, st.integers().map(str), max_size=12))
def test_any_keys_make_a_tree_that_holds_every_value(texts: dict[str, str]) -> None:
    leaves = leaves_of(texts)
    body = Body("runs", "00")
    body.fold(1, 0, {"leaves": [{"path": list(path), "value": value} for path, value in leaves.items()]})
    assert len(leaves) == leaves_in(body.content) == len(texts)
    assert bson.decode(bson.encode(body.content)) == body.content


@given(KEYS, st.sets(KEYS, max_size=8))
def test_params_logged_later_fit_among_those_that_are_there(key: str, there: set[str]) -> None:
    body = Body("runs", "00")
    for version, leaves in enumerate(
        [leaves_of(dict.fromkeys(there - {key}, "1")), leaves_of({key: "2"}, among=there)]
    ):
        parts = [{"path": list(path), "value": value} for path, value in leaves.items()]
        body.fold(version, 0, {"leaves": parts})
    assert leaves_in(body.content) == len(there | {key})


@given(st.text(max_size=40) | st.integers().map(str) | st.floats().map(str) | st.floats().map(repr))
def test_any_text_becomes_a_value_that_can_be_stored(text: str) -> None:
    size_of({("x",): value_in(text.encode(errors="replace").decode())})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", 0.1),
        ("-3", -3),
        ("true", True),
        ("None", None),
        ("-inf", -math.inf),
        ("[64, 32]", [64, 32]),
        ('{"a.b": 1}', {"a%2Eb": 1}),
        ("[64, 32", "[64, 32"),
        ("adam", "adam"),
        ("12345678901234567890", "12345678901234567890"),
        ("-9223372036854775809", "-9223372036854775809"),
        ("1_000", "1_000"),
    ],
)
def test_a_text_becomes_the_value_that_it_reads_as(text: str, value: Any) -> None:
    found = value_in(text)
    assert (found, type(found)) == (value, type(value))
