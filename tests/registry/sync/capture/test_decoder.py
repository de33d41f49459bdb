"""The decoder by itself: round trips, every message, and bytes that are none."""

import contextlib
import datetime as dt
import re
from decimal import Decimal
from struct import pack
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.sync.capture.decoder import LATER, Decoder
from registry.sync.capture.messages import (
    UNCHANGED,
    Change,
    Column,
    DecodeError,
    Relation,
    Transaction,
    lsn_of,
    lsn_text,
)

from . import encoder
from .notebook import new_row

NAMES = st.text('az_Ü🙂 "', min_size=1, max_size=20)
WORDS = st.text('azÜ🙂{}",\\\0 \n', max_size=30)
COLUMNS = st.lists(st.builds(Column, NAMES, st.just(25), st.integers(-1, 99), st.booleans()), max_size=5)
AT = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
SHAPE = Relation(
    7,
    "public",
    "shape",
    "d",
    (Column("id", 23, -1, True), Column("name", 25, -1, False), Column("size", 1700, -1, False)),
)
SOME = Transaction(
    5, 100, 120, AT,
    (
        Change("insert", SHAPE, None, ("1", "round", "1.50")),
        Change("update", SHAPE, ("1", None, None), ("2", UNCHANGED, None)),
        Change("delete", SHAPE, ("2", None, None), None),
        Change("truncate", SHAPE, None, None),
    ),
)  # fmt: skip


@st.composite
def transactions(draw: st.DrawFn) -> Transaction:
    relations = draw(
        st.lists(
            st.builds(
                Relation, st.integers(0, 2**32 - 1), NAMES, NAMES, st.sampled_from("dnfi"), COLUMNS.map(tuple)
            ),
            max_size=3,
            unique_by=lambda each: each.oid,
        )
    )
    changes = [
        draw(changes_of(draw(st.sampled_from(relations))))
        for _ in range(draw(st.integers(0, 6)) * bool(relations))
    ]
    commit_lsn = draw(st.integers(0, 2**63))
    return Transaction(
        draw(st.integers(0, 2**32 - 1)),
        commit_lsn,
        commit_lsn + draw(st.integers(0, 2**32)),
        draw(st.datetimes(timezones=st.just(dt.UTC))),
        tuple(changes),
    )


def changes_of(relation: Relation) -> st.SearchStrategy[Change]:
    rows = st.tuples(*[st.one_of(st.none(), st.just(UNCHANGED), WORDS) for _ in relation.columns])
    old = st.tuples(*[st.one_of(st.none(), WORDS) for _ in relation.columns])
    return st.one_of(
        st.builds(Change, st.just("insert"), st.just(relation), st.none(), rows),
        st.builds(Change, st.just("update"), st.just(relation), st.one_of(st.none(), old), rows),
        st.builds(Change, st.just("delete"), st.just(relation), old, st.none()),
        st.builds(Change, st.just("truncate"), st.just(relation), st.none(), st.none()),
    )


def decoded(messages: list[bytes]) -> list[Transaction]:
    decoder = Decoder()
    return [found for message in messages if (found := decoder.feed(message)) is not None]


@given(st.lists(transactions(), max_size=3))
@settings(max_examples=12)
def test_what_is_encoded_is_decoded_as_it_was(told: list[Transaction]) -> None:
    assert decoded([message for each in told for message in encoder.messages(each)]) == told


@given(st.data())
@settings(max_examples=60)
def test_damaged_bytes_raise_decode_error_and_nothing_else(data: st.DataObject) -> None:
    messages = [*encoder.messages(SOME), *EVERYTHING_ELSE]
    damaged = data.draw(st.integers(0, len(messages) - 1))
    body = bytearray(messages[damaged])
    if data.draw(st.booleans()):
        del body[data.draw(st.integers(0, len(body))) :]
    for _ in range(data.draw(st.integers(0, 3)) if body else 0):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    messages[damaged] = bytes(body)
    decoder = Decoder()
    try:
        for message in messages:
            decoder.feed(message)
    except DecodeError:
        pass


@given(st.binary(max_size=80), st.sampled_from(b"BCRIUDTYOM"))
@settings(max_examples=60)
def test_any_bytes_raise_decode_error_and_nothing_else(rest: bytes, kind: int) -> None:
    decoder = Decoder()
    for message in list(encoder.messages(SOME))[:2]:
        decoder.feed(message)
    with contextlib.suppress(DecodeError):
        decoder.feed(bytes([kind]) + rest)


@given(
    st.sampled_from([16, 17, 20, 21, 23, 26, 114, 700, 701, 1082, 1083, 1114, 1184, 1231, 1700, 2950, 3802]),
    st.binary(max_size=40),
    st.sampled_from([b"t", b"b"]),
)
@settings(max_examples=80)
def test_a_value_that_is_none_of_its_type_raises_decode_error_and_nothing_else(
    oid: int, raw: bytes, kind: bytes
) -> None:
    with contextlib.suppress(DecodeError):
        value_of(oid, raw, kind)


@pytest.mark.parametrize("size", range(1, 40))
def test_every_truncated_message_is_refused(size: int) -> None:
    for message in [*list(encoder.messages(SOME))[:4], *EVERYTHING_ELSE]:
        if size < len(message):
            decoder = Decoder()
            if message[:1] != b"B":
                decoder.feed(encoder.begin(SOME))
                decoder.feed(encoder.relation(SHAPE))
            with pytest.raises(DecodeError):
                decoder.feed(message[:size])


def value_of(oid: int, raw: bytes, kind: bytes = b"t") -> Any:
    """What the decoder makes of one value."""
    table = Relation(7, "public", "one", "d", (Column("it", oid, -1, True),))
    told = Transaction(1, 1, 1, AT, ())
    insert = b"I" + pack(">I", 7) + b"N" + encoder.row([raw], kind)
    (found,) = decoded([encoder.begin(told), encoder.relation(table), insert, encoder.commit(told)])
    return new_row(found.changes[0])[0]


EVERYTHING_ELSE = [
    b"Y" + pack(">I", 9_000) + b"public\0mood\0",
    b"O" + pack(">Q", 17) + b"elsewhere\0",
    b"M" + pack(">BQ", 1, 18) + b"prefix\0" + pack(">i", 3) + b"abc",
]


def test_types_origins_and_logical_messages_are_read_over() -> None:
    begun, *rest = encoder.messages(SOME)
    assert len(decoded([begun, *EVERYTHING_ELSE, *rest])) == 1


@pytest.mark.parametrize(("kind", "name"), LATER.items())
def test_messages_of_later_protocols_are_refused_by_their_names(kind: bytes, name: str) -> None:
    with pytest.raises(DecodeError, match=name):
        Decoder().feed(kind + b"\0" * 20)


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([b"" ], "unknown kind b''"),
        ([b"?"], "unknown kind b'?'"),
        ([encoder.begin(SOME), encoder.begin(SOME)], "inside another"),
        ([encoder.commit(SOME)], "fits no begin"),
        ([encoder.relation(SHAPE), encoder.change(SOME.changes[0])], "outside of a transaction"),
        ([encoder.begin(SOME), encoder.change(SOME.changes[0])], "not told of"),
        ([encoder.begin(SOME) + b"!"], "of 22 bytes that should have 21"),
        ([encoder.begin(SOME), encoder.relation(SHAPE), b"I" + pack(">I", 7) + b"N" + encoder.row(["1"])], "does not fit"),
        ([encoder.relation(SHAPE), b"I" + pack(">I", 7) + b"N" + encoder.row(["1", "2", "3"], b"x")], "unknown kind 120"),
        ([b"T" + pack(">iB", -1, 0)], "negative"),
    ],
)  # fmt: skip
def test_what_is_out_of_its_place_is_refused(messages: list[bytes], words: str) -> None:
    with pytest.raises(DecodeError, match=re.escape(words)):
        decoded(messages)


@pytest.mark.parametrize(
    ("oid", "written", "value"),
    [
        (16, "f", False),
        (1184, "0044-03-15 00:00:00+00 BC", "0044-03-15 00:00:00+00 BC"),
        (1083, "24:00:00", "24:00:00"),
        (1082, "2026-11-21", dt.date(2026, 11, 21)),
        (1005, "[2:3]={1,2}", [1, 2]),
        (1009, "{}", []),
        (1009, '{"a\\\\b",c}', ["a\\b", "c"]),
        (114, '{"a": "\\ud800"}', '{"a": "\\ud800"}'),
        (114, "[" * 5_000 + "]" * 5_000, "[" * 5_000 + "]" * 5_000),
        (600, "(1,2)", "(1,2)"),
    ],
)
def test_text_becomes_a_value_where_there_is_room(oid: int, written: str, value: Any) -> None:
    assert value_of(oid, written.encode()) == value


@pytest.mark.parametrize(("oid", "written"), [(16, "yes"), (17, "abc"), (23, "one"), (1009, "a"), (1009, "{a"), (1009, '{"a'), (1009, "{a}}"), (1700, "x")])  # fmt: skip
def test_text_that_is_no_value_of_its_type_is_refused(oid: int, written: str) -> None:
    with pytest.raises(DecodeError):
        value_of(oid, written.encode())


@pytest.mark.parametrize(
    ("oid", "raw", "value"),
    [
        (16, b"\1", True),
        (17, b"ab", b"ab"),
        (20, pack(">q", -5), -5),
        (701, pack(">d", 0.5), 0.5),
        (25, "é".encode(), "é"),
        (3802, b'\1{"a": 1}', {"a": 1}),
        (1700, pack(">HhHH2H", 2, 0, 0, 2, 12, 3_400), Decimal("12.34")),
        (1700, pack(">HhHHH", 1, 1, 0x4000, 0, 3), Decimal(-30_000)),
        (1700, pack(">HhHH", 0, 0, 0, 1), Decimal("0.0")),
        (1700, pack(">HhHH", 0, 0, 0xD000, 0), Decimal("Infinity")),
        (1082, pack(">i", 1), dt.date(2000, 1, 2)),
        (1082, pack(">i", 2**31 - 1), "infinity"),
        (1082, pack(">i", 2**30), str(2**30)),
        (1083, pack(">q", 1_000_000), dt.time(0, 0, 1)),
        (1083, pack(">q", 86_400_000_000), "24:00:00"),
        (1184, pack(">q", 0), dt.datetime(2000, 1, 1, tzinfo=dt.UTC)),
        (1114, pack(">q", -(2**63)), "-infinity"),
        (1007, pack(">iiI4i", 2, 1, 23, 2, 1, 1, 1) + pack(">ii", 4, 9) + pack(">i", -1), [[9], [None]]),
        (1007, pack(">iiI", 0, 0, 23), []),
        (600, b"raw", b"raw"),
    ],
)  # fmt: skip
def test_binary_values_are_read_too(oid: int, raw: bytes, value: Any) -> None:
    assert value_of(oid, raw, b"b") == value


@pytest.mark.parametrize(
    ("oid", "raw"),
    [
        (23, b"abc"),
        (3802, b"\2{}"),
        (1700, pack(">HhHHH", 1, 0, 0, 0, 10_000)),
        (1083, pack(">q", -1)),
        (1007, pack(">iiI", 7, 0, 23)),
        (1007, pack(">iiIii", 1, 0, 23, 2, 1) + pack(">ii", 4, 1)),
        (1007, pack(">iiIii", 1, 0, 23, 1, 1) + pack(">i", 40)),
    ],
)
def test_binary_values_that_are_none_are_refused(oid: int, raw: bytes) -> None:
    with pytest.raises(DecodeError):
        value_of(oid, raw, b"b")


def test_positions_are_written_as_postgresql_does() -> None:
    assert lsn_text(lsn_of("16/B374D848")) == "16/B374D848"
