"""Values as PostgreSQL writes them in text, made Python's by the oid of their type.

What Python has no room for stays text: infinite and distant dates, JSON nested too deeply or with
half a surrogate pair, types that are not listed. JSON numbers keep all their digits (big integers,
and a fraction as the nearest float); a ``numeric`` is a Decimal.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

Convert = Callable[[bytes], Any]
BOOLEANS = {b"t": True, b"f": False}
TEXT_OIDS = (18, 19, 25, 1042, 1043)  # "char", name, text, char(n), varchar


def text(raw: bytes) -> str:
    """Text."""
    return raw.decode()


def _bool(raw: bytes) -> bool:
    try:
        return BOOLEANS[raw]
    except KeyError:
        raise ValueError(f"no boolean: {raw[:20]!r}") from None


def _bytea(raw: bytes) -> bytes:
    if not raw.startswith(b"\\x"):
        raise ValueError("a bytea that is not in hexadecimal digits")
    return bytes.fromhex(raw[2:].decode("ascii"))


def _numeric(raw: bytes) -> Decimal:
    return Decimal(raw.decode("ascii"))


def _json(raw: bytes) -> Any:
    written = raw.decode()
    try:
        value = json.loads(written)
        if "\\u" in written:
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return written
    return value


def _or_text(convert: Callable[[str], Any]) -> Convert:
    def converted(raw: bytes) -> Any:
        written = raw.decode()
        try:
            return convert(written)
        except ValueError:
            return written

    return converted


def _uuid(raw: bytes) -> UUID:
    return UUID(raw.decode("ascii"))


SCALARS: Final[dict[int, Convert]] = {
    16: _bool,
    17: _bytea,
    20: int,
    21: int,
    23: int,
    26: int,  # oid
    114: _json,
    3802: _json,  # jsonb
    700: float,
    701: float,
    1700: _numeric,
    1082: _or_text(dt.date.fromisoformat),
    1083: _or_text(dt.time.fromisoformat),
    1114: _or_text(dt.datetime.fromisoformat),
    1184: _or_text(dt.datetime.fromisoformat),  # the stream's session speaks UTC
    2950: _uuid,
    **dict.fromkeys(TEXT_OIDS, text),
}
ELEMENTS: Final = {
    1000: 16, 1001: 17, 1005: 21, 1007: 23, 1016: 20, 1028: 26, 1002: 18, 1003: 19, 1009: 25, 1014: 1042,
    1015: 1043, 199: 114, 3807: 3802, 1021: 700, 1022: 701, 1231: 1700, 1182: 1082, 1183: 1083, 1115: 1114,
    1185: 1184, 2951: 2950,
}  # fmt: skip


def converter(type_oid: int) -> Convert:
    """What makes a type's text Python's; of a type that is not known, the text itself."""
    element = ELEMENTS.get(type_oid)
    if element is None:
        return SCALARS.get(type_oid, text)
    return lambda raw: array(raw.decode(), SCALARS[element])


def array(written: str, convert: Convert) -> list[Any]:
    """An array from its text, nested as it has dimensions; its lower bounds are not kept.

    Raises:
        ValueError: it is none.
    """
    if written.startswith("["):
        written = written.partition("=")[2]
    tokens = _tokens(written)
    if next(tokens, None) != (False, "{"):
        raise ValueError("an array that does not begin with a brace")
    open_lists: list[list[Any]] = [[]]
    for is_value, written_value in tokens:
        if not open_lists:
            raise ValueError("an array that goes on after its end")
        if is_value:
            open_lists[-1].append(None if written_value is None else convert(written_value.encode()))
        elif written_value == "{":
            inner: list[Any] = []
            open_lists[-1].append(inner)
            open_lists.append(inner)
        else:
            whole = open_lists.pop()
    if open_lists:
        raise ValueError("an array without an end")
    return whole


def _tokens(written: str) -> Iterator[tuple[bool, str | None]]:
    """Braces as (False, brace), values as (True, value or None)."""
    place, size = 0, len(written)
    while place < size:
        sign = written[place]
        if sign in "{}":
            yield False, sign
            place += 1
        elif sign == ",":
            place += 1
        elif sign == '"':
            value, place = _quoted(written, place + 1)
            yield True, value
        else:
            end = place
            while end < size and written[end] not in ",{}":
                end += 1
            bare = written[place:end]
            yield True, None if bare == "NULL" else bare
            place = end


def _quoted(written: str, place: int) -> tuple[str, int]:
    parts: list[str] = []
    while place < len(written):
        sign = written[place]
        if sign == '"':
            return "".join(parts), place + 1
        if sign == "\\":
            place += 1
        parts.append(written[place : place + 1])
        place += 1
    raise ValueError("a quoted value without an end")
