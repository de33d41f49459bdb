"""PostgreSQL's values in MongoDB's types, by the oid of their type.

A ``numeric`` is a Decimal128, a ``bigint`` a long, a ``date`` its midnight in UTC, a UUID 32 hexadecimal
characters as everywhere in the platform, JSON a document whose keys are escaped as everywhere. NaN and the
infinities of floats stay. What BSON has no room for is kept as text: a ``numeric`` of more than 34 digits,
JSON of numbers beyond 64 bits or nested deeper than 80. BSON's dates end at milliseconds: microseconds are
cut.
"""

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from bson import Decimal128, Int64

from registry.documents.plain import encode
from registry.exceptions import BadInputError

from .values import ELEMENTS

Convert = Callable[[Any], Any]


def _decimal(value: Decimal) -> Decimal128 | str:
    try:
        return Decimal128(value)
    except ArithmeticError:
        return str(value)


def _date(value: dt.date | str) -> dt.datetime | str:
    """Infinite and distant dates come as text."""
    if isinstance(value, str):
        return value
    return dt.datetime(value.year, value.month, value.day, tzinfo=dt.UTC)


def _time(value: dt.time | str) -> str:
    return value if isinstance(value, str) else value.isoformat()


def _uuid(value: UUID) -> str:
    return value.hex


def _json(value: Any) -> Any:
    try:
        return encode(value)
    except BadInputError:
        return json.dumps(value, ensure_ascii=False)


SCALARS: Final[dict[int, Convert]] = {
    20: Int64, 1700: _decimal, 1082: _date, 1083: _time, 2950: _uuid, 114: _json, 3802: _json,
}  # fmt: skip


def bson_converter(type_oid: int) -> Convert | None:
    """What makes a type's Python value BSON's; None where it is so already."""
    element = ELEMENTS.get(type_oid)
    if element is None:
        return SCALARS.get(type_oid)
    convert = SCALARS.get(element)
    return None if convert is None else lambda values: _each(values, convert)


def _each(values: list[Any], convert: Convert) -> list[Any]:
    return [
        _each(value, convert) if isinstance(value, list) else None if value is None else convert(value)
        for value in values
    ]
