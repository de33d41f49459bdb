"""Bodies as Feast's clients send them: JSON, more loosely than our own API takes it."""

import json
from typing import Any

import orjson
from django.http import HttpRequest

from registry.exceptions import BadInputError


def read_body(request: HttpRequest) -> dict[str, Any]:
    """The body's object. NaN as a bare word is taken, since Python's and pandas' JSON writes it.

    Raises:
        BadInputError: it is no JSON object.
    """
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        body = _loosely(request.body)
    if not isinstance(body, dict):
        raise BadInputError("The body must be a JSON object.")
    return body


def truth(body: dict[str, Any], name: str) -> bool:
    """An optional field that is true or false.

    Raises:
        BadInputError: it is neither.
    """
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise BadInputError(f"The field {name!r} must be true or false.")
    return value


def _loosely(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadInputError(f"The body is no JSON: {str(error)[:200]}.") from error
