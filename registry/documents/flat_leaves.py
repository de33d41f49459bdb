"""Params as rows keep them, flat keys and texts, made leaves of a nested body.

``optimizer.lr`` = ``0.1`` is the number 0.1 in the group ``optimizer``, and ``layers`` = ``[64, 32]`` a
list. Where ``a`` and ``a.b`` are both params, one of them keeps its dots, since a value can't be a group
as well.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import orjson

from registry.exceptions import BadInputError

from . import plain

MAX_PARTS = 20
MAX_DIGITS = 18  # a longer number would lose digits
WORDS = {"True": True, "False": False, "None": None, "nan": math.nan, "inf": math.inf, "-inf": -math.inf}
Path = tuple[str, ...]


def leaves_of(texts: Mapping[str, str], *, among: Iterable[str] = ()) -> dict[Path, Any]:
    """Path of encoded keys → value, in the order of the keys.

    Args:
        texts: dotted key → text; a text that reads as a value in JSON or Python becomes that value.
        among: other params of the same run.
    """
    paths = _paths(frozenset((*texts, *among)))
    return {paths[key]: value_in(texts[key]) for key in sorted(texts)}


def value_in(text: str) -> Any:
    """What a text reads as in JSON or Python; the text itself where it reads as nothing."""
    if text in WORDS:
        return WORDS[text]
    if not text or text[0] not in "{[-0123456789tfn":
        return text
    if len(text) > MAX_DIGITS and text.removeprefix("-").isdigit():
        return text
    try:
        value = orjson.loads(text)
        is_plain = isinstance(value, (float, bool)) or (isinstance(value, int) and abs(value) < plain.INT64)
        return value if is_plain else plain.encode(value, where="The param")
    except (orjson.JSONDecodeError, BadInputError):
        return text


@lru_cache(maxsize=64)  # runs of an experiment have the same keys, mostly
def _paths(keys: frozenset[str]) -> dict[str, Path]:
    groups = {group for key in keys for group in _groups(key)}
    return {key: _path(key, keys, groups) for key in keys}


def _path(key: str, keys: frozenset[str], groups: set[str]) -> Path:
    """Nested by its dots; inside its own group where it has one, with its dots below a value."""
    parts = key.split(".")
    if len(parts) > MAX_PARTS or "" in parts or any(group in keys for group in _groups(key)):
        return (plain.encode_key(key),)
    if key in groups:
        parts.append("")
    return tuple(plain.encode_key(part) for part in parts)


def _groups(key: str) -> Iterator[str]:
    """The groups that a dotted key is in: ``a`` and ``a.b`` for ``a.b.c``."""
    end = key.find(".")
    while end >= 0:
        yield key[:end]
        end = key.find(".", end + 1)


def size_of(leaves: Mapping[Path, Any]) -> int:
    """How many bytes leaves take in a document, about.

    Raises:
        BodyTooLargeError: they pass 15 MB.
        BadInputError: one can't be encoded.
    """
    body = {str(position): [*path, value] for position, (path, value) in enumerate(leaves.items())}
    return len(plain.packed(body, where="params"))
