import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.packing import FORMAT, Codec, WrongValueError, is_same

INT64 = st.integers(-(1 << 63), (1 << 63) - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "float": st.floats(), "int": INT64, "bool": st.booleans(), "string": TEXT,
    "vector": st.lists(st.floats(), max_size=5),
}  # fmt: skip


@st.composite
def rows(draw: st.DrawFn) -> tuple[list[tuple[str, str]], list[Any]]:
    types = draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=20))
    values = [draw(st.none() | VALUES[each]) for each in types]
    return [(f"f{number}", each) for number, each in enumerate(types)], values


@settings(max_examples=40, deadline=None)
@given(rows(), INT64, INT64)
def test_whatever_is_packed_comes_back_as_it_was(
    row: tuple[list[tuple[str, str]], list[Any]], event_ms: int, written_ms: int
) -> None:
    fields, values = row
    codec = Codec(fields)
    blob = codec.pack(values, event_ms=event_ms, written_ms=written_ms)
    found = codec.unpack(blob)
    assert found is not None
    assert found[:2] == (event_ms, written_ms)
    assert all(map(is_same, found[2], values))


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=80))
def test_bytes_of_anything_else_are_no_row(blob: bytes) -> None:
    for codec in (Codec([("a", "float")]), Codec([("a", "string"), ("b", "vector")])):
        assert codec.unpack(blob) is None
        assert codec.unpack(codec.magic + blob[:3]) is None


def test_a_row_that_was_cut_or_is_of_another_definition_is_no_row() -> None:
    codec = Codec([("a", "string"), ("b", "float")])
    blob = codec.pack(["text", 1.0], event_ms=1, written_ms=2)
    assert codec.unpack(blob[:-1]) is None
    assert codec.unpack(blob + b"x") is None
    assert Codec([("b", "string"), ("a", "float")]).unpack(blob) is None
    assert Codec([("a", "vector"), ("b", "float")]).unpack(blob) is None


def test_the_bytes_are_those_of_the_written_contract() -> None:
    codec = Codec([("x", "float"), ("s", "string"), ("n", "int"), ("b", "bool"), ("v", "vector")])
    blob = codec.pack([1.5, "ž", None, True, [2.0]], event_ms=7, written_ms=9)
    assert blob == (
        struct.pack(">BIqq", FORMAT, 0x61CE9B8F, 7, 9)
        + bytes([0b00100])
        + struct.pack(">dIq?I", 1.5, 2, 0, True, 8)
        + "ž".encode()
        + struct.pack(">d", 2.0)
    )


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(), INT64, st.booleans()), min_size=1, max_size=20))
def test_many_rows_read_as_columns_are_what_they_are_one_by_one(found: list[tuple[float, int, bool]]) -> None:
    codec = Codec([("a", "float"), ("b", "int"), ("c", "bool")])
    blobs = [codec.pack(row, event_ms=number, written_ms=0) for number, row in enumerate(found)]
    columns = codec.unpack_columns(blobs)
    assert columns is not None
    assert columns[0] == list(range(len(found)))
    for column, values in zip(columns[1], zip(*found, strict=True), strict=True):
        assert all(map(is_same, column, values))


def test_columns_are_not_read_at_once_where_a_row_is_special() -> None:
    codec = Codec([("a", "float")])
    plain = codec.pack([1.0], event_ms=1, written_ms=1)
    other = Codec([("b", "float")]).pack([1.0], event_ms=1, written_ms=1)
    for special in (None, codec.pack([None], event_ms=1, written_ms=1), other, plain[:-1]):
        assert codec.unpack_columns([plain, special]) is None
    assert Codec([("a", "string")]).unpack_columns([]) is None


@pytest.mark.parametrize(
    ("value_type", "value"),
    [
        ("float", "1"), ("float", True), ("float", 1 << 2_000), ("int", 1.0), ("int", 1 << 63), ("int", True),
        ("bool", 1), ("bool", "true"), ("string", 1), ("string", b"x"), ("string", "\ud800"),
        ("vector", 1.0), ("vector", ["x"]), ("vector", [None]), ("vector", "12"),
        ("string", "x" * (1 << 20)),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_refused_by_its_name(value_type: str, value: object) -> None:
    with pytest.raises(WrongValueError, match="price|row"):
        Codec([("price", value_type)]).pack([value], event_ms=1, written_ms=1)


def test_numbers_of_numpy_become_pythons() -> None:
    types = ["float", "int", "bool", "vector", "vector", "float"]
    values = [np.float32(1.5), np.int64(7), np.bool_(1), np.array([1, 2]), (1, 2.5), 3]
    codec = Codec([(f"f{place}", each) for place, each in enumerate(types)])
    found = codec.unpack(codec.pack(values, event_ms=1, written_ms=1))
    assert found is not None
    assert found[2] == (1.5, 7, True, [1.0, 2.0], [1.0, 2.5], 3.0)
    assert list(map(type, found[2])) == [float, int, bool, list, list, float]


def test_an_event_time_out_of_range_is_refused() -> None:
    with pytest.raises(WrongValueError, match="event time"):
        Codec([("a", "int")]).pack([1], event_ms=1 << 63, written_ms=1)
