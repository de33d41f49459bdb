"""Values of any shape, made storable: checked, with keys that hold dots and dollars escaped.

MongoDB reads ``a.b`` as a path and ``$a`` as an operator, so such keys are stored percent-encoded
(``%2E``, ``%24``) and read back as they came. Everything else that MongoDB or PostgreSQL would
refuse later is refused here, before anything is written.
"""

import datetime as dt
import math
from collections.abc import Mapping
from typing import Any

import bson
from bson.errors import InvalidDocument

from registry.exceptions import BadInputError, BodyTooLargeError

MAX_BODY_BYTES = 15 * 1024 * 1024
MAX_DEPTH = 80
INT64 = 2**63


def encode_key(key: str) -> str:
    """A key as MongoDB can hold it."""
    if key == "":
        return "%"
    escaped = key.replace("%", "%25").replace(".", "%2E")
    return "%24" + escaped[1:] if escaped.startswith("$") else escaped


def decode_key(key: str) -> str:
    """The key as it came."""
    if key == "%":
        return ""
    return key.replace("%24", "$").replace("%2E", ".").replace("%25", "%")


def encode(value: Any, *, where: str = "body") -> Any:
    """A JSON-like value ready for MongoDB.

    Args:
        value: dicts, lists, tuples, texts, numbers, booleans, None, datetimes; numpy scalars too.
        where: the name used in errors.

    Raises:
        BadInputError: a key is no text, a number passes 64 bits, text can't be stored, or the
            nesting passes 80 levels. The message names the place.
        BodyTooLargeError: the whole passes 15 MB.
    """
    encoded = _encode(value, where, 0)
    packed({"body": encoded}, where=where)
    return encoded


def packed(body: Mapping[str, Any], *, where: str = "The body") -> bytes:
    """A document in BSON.

    Raises:
        BodyTooLargeError: it passes 15 MB.
        BadInputError: it can't be encoded.
    """
    try:
        data = bson.encode(body)
    except (InvalidDocument, OverflowError, UnicodeEncodeError) as error:
        raise BadInputError(f"{where} can't be stored: {error}.") from error
    check_size(len(data), where=where)
    return data


def check_size(size: int, *, where: str) -> None:
    """Refuse what passes 15 MB.

    Raises:
        BodyTooLargeError: it does.
    """
    if size > MAX_BODY_BYTES:
        raise BodyTooLargeError(
            f"{where} is {size / 1024**2:.1f} MB; a document may have {MAX_BODY_BYTES // 1024**2} MB."
            " Log large content as an artifact instead, and keep its path here."
        )


def decode(value: Any) -> Any:
    """A stored value as it came."""
    if isinstance(value, dict):
        return {decode_key(key): decode(child) for key, child in value.items()}
    if isinstance(value, list):
        return [decode(child) for child in value]
    return value


def check_text(text: str, *, where: str) -> str:
    """Refuse what PostgreSQL can't hold: NUL characters and lone surrogates."""
    if "\x00" in text:
        raise BadInputError(f"{where} holds a NUL character, which can't be stored. Remove it.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadInputError(f"{where} holds half a character (a lone surrogate). Remove it.") from error
    return text


def _encode(value: Any, where: str, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise BadInputError(f"{where[:200]} is nested deeper than {MAX_DEPTH} levels. Flatten it.")
    if isinstance(value, Mapping):
        return _encode_mapping(value, where, depth)
    if isinstance(value, (list, tuple)):
        return [_encode(child, f"{where}[{index}]", depth + 1) for index, child in enumerate(value)]
    return _encode_scalar(value, where)


def _encode_mapping(value: Mapping[Any, Any], where: str, depth: int) -> dict[str, Any]:
    encoded = {}
    for key, child in value.items():
        if not isinstance(key, str):
            raise BadInputError(f"{where} has the key {key!r}; keys must be text.")
        place = f"{where}.{key}"
        encoded[encode_key(check_text(key, where=place))] = _encode(child, place, depth + 1)
    return encoded


def _encode_scalar(value: Any, where: str) -> Any:
    if isinstance(value, str):
        return check_text(value, where=where)
    if isinstance(value, bool) or value is None or isinstance(value, dt.datetime):
        return value
    if isinstance(value, int) and not -INT64 <= value < INT64:
        raise BadInputError(f"{where} is a whole number beyond 64 bits. Store it as text.")
    if isinstance(value, (int, float, bson.ObjectId)):
        return value
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        return _encode_scalar(value.item(), where)
    raise BadInputError(
        f"{where} is a {type(value).__name__}; use text, numbers, booleans, lists and dicts."
        " Log arrays and objects as artifacts."
    )


def as_json(value: Any) -> Any:
    """A decoded value with nothing that JSON lacks: dates in ISO 8601, NaN and infinities as text."""
    if isinstance(value, dict):
        return {key: as_json(child) for key, child in value.items()}
    if isinstance(value, list):
        return [as_json(child) for child in value]
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return str(value) if isinstance(value, bson.ObjectId) else value
