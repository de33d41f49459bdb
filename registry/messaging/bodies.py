"""What messages carry: JSON, packed where that pays; nothing is ever pickled."""

import zlib
from typing import Any

import orjson

from registry.exceptions import BadInputError

PACKED_FROM = 8 * 1024
MOST_BYTES = 8 * 1024 * 1024
ZLIB = "zlib"


def packed(body: Any, *, may_pack: bool = True, most: int = MOST_BYTES) -> tuple[bytes, str]:
    """A body's bytes, and how they are encoded: ``zlib`` or as they are (empty).

    Raises:
        BadInputError: it is no JSON, or above 8 MB (``most`` bytes).
    """
    try:
        raw = orjson.dumps(body)
    except (TypeError, ValueError) as error:
        raise BadInputError(f"A message's body must be JSON: {error}") from error
    if len(raw) > most:
        raise BadInputError(f"A message's body is {len(raw):,} bytes; {most:,} are the most.")
    if may_pack and len(raw) >= PACKED_FROM:
        return zlib.compress(raw, 6), ZLIB
    return raw, ""


def unpacked(body: bytes | memoryview, encoding: str) -> Any:
    """The body that :func:`packed` made these bytes of.

    Raises:
        BadInputError: they are none of ours.
    """
    try:
        raw = zlib.decompress(bytes(body)) if encoding == ZLIB else bytes(body)
        return orjson.loads(raw)
    except (zlib.error, ValueError) as error:
        raise BadInputError(f"A message's body can't be read: {error}") from error


def readable(body: bytes | memoryview, encoding: str) -> str:
    """The body for people: JSON over several lines, or its bytes where it is none."""
    try:
        return orjson.dumps(unpacked(body, encoding), option=orjson.OPT_INDENT_2).decode()
    except BadInputError:
        return repr(bytes(body))
