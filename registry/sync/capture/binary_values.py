"""Values in PostgreSQL's binary form, which it sends where a subscriber asks for it (``binary``).

Ours asks for text; the form belongs to the protocol all the same. What :mod:`.values` says of room in
Python is true here too: a date that is infinite or too distant comes as text.
"""

import datetime as dt
from decimal import Decimal
from struct import unpack, unpack_from
from typing import Any, Final
from uuid import UUID

from .values import ELEMENTS, SCALARS, TEXT_OIDS, Convert, text

DAY_ZERO = dt.date(2000, 1, 1)
ZERO = dt.datetime(2000, 1, 1)  # noqa: DTZ001 (a timestamp without time zone)
ZERO_UTC = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
DAY_MICROS = 86_400_000_000
MOST_DIMENSIONS = 6
NUMERIC_SIGNS = {0x0000: 0, 0x4000: 1}
NUMERIC_WORDS = {0xC000: "NaN", 0xD000: "Infinity", 0xF000: "-Infinity"}


def _of(form: str) -> Convert:
    def converted(raw: bytes) -> Any:
        return unpack(form, raw)[0]

    return converted


def _jsonb(raw: bytes) -> Any:
    if raw[:1] != b"\x01":
        raise ValueError("a jsonb of an unknown version")
    return SCALARS[3802](raw[1:])


def _numeric(raw: bytes) -> Decimal:
    count, weight, sign, scale = unpack_from(">HhHH", raw)
    if sign in NUMERIC_WORDS:
        return Decimal(NUMERIC_WORDS[sign])
    groups = unpack_from(f">{count}H", raw, 8)
    if sign not in NUMERIC_SIGNS or len(raw) != 8 + 2 * count or any(group > 9_999 for group in groups):  # noqa: PLR2004 (base 10,000)
        raise ValueError("no numeric")
    digits = "".join(f"{group:04}" for group in groups) or "0"
    exponent = 4 * (weight - count + 1) if count else 0
    kept = max(len(digits) + exponent + scale, 0)  # how many digits there are up to the scale's end
    digits = digits[:kept] if kept < len(digits) else digits + "0" * (kept - len(digits))
    return Decimal((NUMERIC_SIGNS[sign], tuple(map(int, digits or "0")), -scale))


def _date(raw: bytes) -> Any:
    (days,) = unpack(">i", raw)
    return _or_words(lambda: DAY_ZERO + dt.timedelta(days=days), days, bits=32)


def _timestamp(zero: dt.datetime) -> Convert:
    def converted(raw: bytes) -> Any:
        (micros,) = unpack(">q", raw)
        return _or_words(lambda: zero + dt.timedelta(microseconds=micros), micros, bits=64)

    return converted


def _or_words(made: Any, number: int, *, bits: int) -> Any:
    if number == 2 ** (bits - 1) - 1:
        return "infinity"
    if number == -(2 ** (bits - 1)):
        return "-infinity"
    try:
        return made()
    except OverflowError:
        return str(number)


def _time(raw: bytes) -> Any:
    (micros,) = unpack(">q", raw)
    if not 0 <= micros <= DAY_MICROS:
        raise ValueError("no time of a day")
    return "24:00:00" if micros == DAY_MICROS else (ZERO + dt.timedelta(microseconds=micros)).time()


BINARY: Final[dict[int, Convert]] = {
    16: _of(">?"),
    17: bytes,
    20: _of(">q"),
    21: _of(">h"),
    23: _of(">i"),
    26: _of(">I"),
    114: SCALARS[114],
    3802: _jsonb,
    700: _of(">f"),
    701: _of(">d"),
    1700: _numeric,
    1082: _date,
    1083: _time,
    1114: _timestamp(ZERO),
    1184: _timestamp(ZERO_UTC),
    2950: lambda raw: UUID(bytes=raw),
    **dict.fromkeys(TEXT_OIDS, text),
}


def binary_converter(type_oid: int) -> Convert:
    """What makes a type's binary form Python's; of a type that is not known, the bytes themselves."""
    return _array if type_oid in ELEMENTS else BINARY.get(type_oid, bytes)


def _array(raw: bytes) -> list[Any]:
    dimensions, _, element = unpack_from(">iiI", raw)
    if not 0 <= dimensions <= MOST_DIMENSIONS:
        raise ValueError("an array of too many dimensions")
    lengths = [unpack_from(">i", raw, 12 + 8 * each)[0] for each in range(dimensions)]
    place = 12 + 8 * dimensions
    convert = BINARY.get(element, bytes)
    values: list[Any] = []
    while place < len(raw):
        (size,) = unpack_from(">i", raw, place)
        place += 4
        if size < -1 or place + size > len(raw):
            raise ValueError("an array's element that is longer than the array")
        values.append(None if size == -1 else convert(raw[place : place + size]))
        place += max(size, 0)
    return _nested(values, lengths)


def _nested(values: list[Any], lengths: list[int]) -> list[Any]:
    expected = 1 if lengths else 0
    for length in lengths:
        expected *= length
    if expected != len(values) or any(length < 1 for length in lengths):
        raise ValueError("an array whose dimensions don't fit its elements")
    for length in reversed(lengths[1:]):
        values = [values[start : start + length] for start in range(0, len(values), length)]
    return values
