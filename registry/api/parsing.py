"""Request bodies: one JSON object with the fields that the route knows, and nothing doubtful.

Refused with 400: no object, a key twice, an unknown or missing field, a value of another type, text that
no store can hold, NaN and infinity as bare words, numbers beyond 64 bits, nesting without end. Refused
with 415: another content type or charset. Refused with 413: a body over the limit.
"""

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any, NoReturn

from django.http import HttpRequest

from registry.documents import plain
from registry.exceptions import BadInputError

from .errors import UnsupportedMediaError

INT64 = 2**63
Check = Callable[[str, Any], Any]
Fields = dict[str, Any]


class required:  # noqa: N801 (reads as a word in the views)
    """Marks a field that must be there: ``required(text)``."""

    def __init__(self, check: Check) -> None:
        self.check = check


def read_fields(request: HttpRequest, **known: Check | required) -> Fields:
    """The body's fields, checked; an optional one that is missing or null is left out.

    Raises:
        BadInputError: the body is not what the route takes.
        UnsupportedMediaError: it is no JSON in UTF-8.
    """
    return checked_fields(read_object(request), known)


def checked_fields(body: Mapping[str, Any], known: Mapping[str, Check | required]) -> Fields:
    """The same for an object that is parsed already."""
    if unknown := sorted(body.keys() - known.keys()):
        raise BadInputError(f"Unknown field {unknown[0][:100]!r}; this takes {', '.join(known) or 'none'}.")
    given = {name: value for name, value in body.items() if value is not None}
    for name, check in known.items():
        if isinstance(check, required) and name not in given:
            raise BadInputError(f"The field {name!r} is missing.")
    return {name: _check(known[name])(name, value) for name, value in given.items()}


def text(name: str, value: Any) -> str:
    """Text that PostgreSQL can hold."""
    if not isinstance(value, str):
        raise _wrong(name, value, "text")
    return plain.check_text(value, where=f"The field {name!r}")


def texts(name: str, value: Any) -> list[str]:
    """A list of texts."""
    if not isinstance(value, list):
        raise _wrong(name, value, "a list of texts")
    return [text(name, each) for each in value]


def integer(name: str, value: Any) -> int:
    """A whole number of 64 bits."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong(name, value, "a whole number")
    if not -INT64 <= value < INT64:
        raise BadInputError(f"The field {name!r} is a whole number beyond 64 bits.")
    return value


def boolean(name: str, value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise _wrong(name, value, "true or false")
    return value


def metric_value(name: str, value: Any) -> float:
    """A number, or "NaN", "Infinity" or "-Infinity" as text, which JSON has no numbers for."""
    if isinstance(value, str) and value in ("NaN", "Infinity", "-Infinity"):
        return float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _wrong(name, value, 'a number, "NaN", "Infinity" or "-Infinity"')
    return float(value) if isinstance(value, float) else float(integer(name, value))


def metric_values(name: str, value: Any) -> dict[str, float]:
    """Metrics by key."""
    return {key: metric_value(f"{name}.{key}", each) for key, each in mapping(name, value).items()}


def mapping(name: str, value: Any) -> dict[str, Any]:
    """An object of any shape; the services check what is inside."""
    if not isinstance(value, dict):
        raise _wrong(name, value, "an object")
    return value


def text_mapping(name: str, value: Any) -> dict[str, str]:
    """An object whose values are texts."""
    return {key: text(f"{name}.{key}", each) for key, each in mapping(name, value).items()}


def objects(name: str, value: Any) -> list[dict[str, Any]]:
    """A list of objects."""
    if not isinstance(value, list):
        raise _wrong(name, value, "a list of objects")
    return [mapping(f"{name}[{place}]", each) for place, each in enumerate(value)]


def _check(known: Check | required) -> Check:
    return known.check if isinstance(known, required) else known


def read_object(request: HttpRequest, *, takes_constants: bool = False) -> dict[str, Any]:
    """The body, one JSON object; an empty one where there is none.

    Args:
        takes_constants: whether NaN and infinities may come as bare words, as MLflow's server takes them.

    Raises:
        BadInputError: the body is something else.
        UnsupportedMediaError: it is no JSON in UTF-8.
    """
    data = request.body
    if not data.strip():
        return {}
    _require_json(request)
    try:
        body = json.loads(
            data.decode(),
            object_pairs_hook=_once,
            parse_constant=None if takes_constants else _no_constant,
            parse_float=None if takes_constants else _finite,
        )
    except UnicodeDecodeError as error:
        raise BadInputError("The body is not in UTF-8.") from error
    except RecursionError as error:
        raise BadInputError("The body is nested without end. Flatten it.") from error
    except ValueError as error:
        raise BadInputError(f"The body is no JSON: {str(error)[:200]}.") from error
    if not isinstance(body, dict):
        raise _wrong("body", body, "a JSON object")
    return body


def _require_json(request: HttpRequest) -> None:
    charset = (request.content_params or {}).get("charset", "utf-8").lower()
    if request.content_type != "application/json" or charset not in ("utf-8", "utf8"):
        raise UnsupportedMediaError("Send the body as 'Content-Type: application/json' in UTF-8.")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaError("Send the body without Content-Encoding.")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = max(Counter(key for key, _ in pairs).items(), key=itemgetter(1))[0]
        raise BadInputError(f"The key {twice[:100]!r} comes twice. Send it once.")
    return found


def _no_constant(word: str) -> NoReturn:
    raise BadInputError(f"{word} is no JSON. Send a metric of this value as text: {json.dumps(word)}.")


def _finite(number: str) -> float:
    value = float(number)
    if math.isinf(value):
        raise BadInputError(f"The number {number[:50]} is beyond 64 bits.")
    return value


def _wrong(name: str, value: Any, wanted: str) -> BadInputError:
    return BadInputError(f"The field {name[:100]!r} must be {wanted}, not {_kind(value)}.")


def _kind(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    kinds = {str: "text", int: "a whole number", float: "a number", list: "a list", dict: "an object"}
    return kinds.get(type(value), "something else")
