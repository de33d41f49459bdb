"""Requests by the rules of protobuf's JSON: unknown fields are ignored, int64 comes as text or number.

GET and DELETE may carry their fields in the query string. Text that no store can hold, nesting without
end, numbers beyond 64 bits and a key that comes twice are refused with 400.
"""

import datetime as dt
import math
from typing import Any

import orjson
from django.http import HttpRequest, QueryDict

from registry.api.parsing import INT64, read_object
from registry.documents import plain
from registry.exceptions import BadInputError

STRICT_UP_TO_BYTES = 16_384
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
NUMBERS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


class Fields:
    """A request's fields, checked as they are asked for."""

    def __init__(self, values: dict[str, Any] | QueryDict) -> None:
        self._values = values

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def raw(self, name: str) -> Any:
        """The value as it came, None where there is none."""
        return self._values.get(name)

    def text(self, name: str, default: str = "") -> str:
        """A text that PostgreSQL can hold."""
        value = self._values.get(name)
        return default if value is None else checked_text(name, value)

    def required(self, name: str) -> str:
        """A text that is there and not empty.

        Raises:
            BadInputError: it is not.
        """
        value = self.text(name)
        if not value:
            raise missing(name)
        return value

    def integer(self, name: str, default: int | None = None) -> int | None:
        """A whole number of 64 bits, as number or text."""
        value = self._values.get(name)
        return default if value is None or value == "" else checked_integer(name, value)

    def boolean(self, name: str) -> bool:
        """True or false; false where there is none."""
        value = self._values.get(name)
        if value in (None, False, True, "true", "false"):
            return value in (True, "true")
        raise wrong(name, value)

    def texts(self, name: str) -> list[str]:
        """A list of texts; a field that repeats in a query string."""
        found = self._values.getlist(name) if isinstance(self._values, QueryDict) else self._list(name)
        return [checked_text(name, each) for each in found]

    def objects(self, name: str) -> list[dict[str, Any]]:
        """A list of objects."""
        found = self._list(name)
        if not all(isinstance(each, dict) for each in found):
            raise wrong(name, found)
        return found

    def group(self, name: str) -> "Fields":
        """An object inside; without fields where there is none."""
        value = self._values.get(name) or {}
        if not isinstance(value, dict):
            raise wrong(name, value)
        return Fields(value)

    def pairs(self, name: str) -> dict[str, str]:
        """A list of ``{"key": …, "value": …}`` as a dict; the last of a key counts."""
        return {
            checked_text("key", _given(each, "key")): checked_text("value", each.get("value") or "")
            for each in self.objects(name)
        }

    def moment(self, name: str) -> dt.datetime | None:
        """A moment given in milliseconds since 1970; None where there is none.

        Raises:
            BadInputError: no calendar has it.
        """
        value = self.integer(name)
        if value is None:
            return None
        try:
            return EPOCH + dt.timedelta(milliseconds=value)
        except OverflowError as error:
            raise wrong(name, value) from error

    def _list(self, name: str) -> list[Any]:
        value = self._values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise wrong(name, value)
        return value


def read(request: HttpRequest) -> Fields:
    """The request's fields, of its query string or its body.

    Raises:
        BadInputError: the body is no JSON object.
        UnsupportedMediaError: it says that it is something else.
    """
    if request.method in ("GET", "HEAD") or (request.method == "DELETE" and not request.body):
        return Fields(request.GET)
    return Fields(_object(request))


def checked_text(name: str, value: Any) -> str:
    """A text that PostgreSQL can hold.

    Raises:
        BadInputError: it is something else.
    """
    if not isinstance(value, str):
        raise wrong(name, value)
    return plain.check_text(value, where=f"The parameter {name!r}")


def checked_integer(name: str, value: Any) -> int:
    """A whole number of 64 bits, as number or text.

    Raises:
        BadInputError: it is something else.
    """
    try:
        number = int(value) if isinstance(value, str) and len(value) <= 20 else value  # noqa: PLR2004
    except ValueError as error:
        raise wrong(name, value) from error
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    if isinstance(number, bool) or not isinstance(number, int) or not -INT64 <= number < INT64:
        raise wrong(name, value)
    return number


def checked_number(name: str, value: Any) -> float:
    """A number; NaN and infinities come as text.

    Raises:
        BadInputError: it is something else.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, str):
        raise wrong(name, value)
    try:
        return NUMBERS[value] if value in NUMBERS else float(value)
    except ValueError as error:
        raise wrong(name, value) from error


def missing(name: str) -> BadInputError:
    """What a request without this field is told, in MLflow's words."""
    return BadInputError(
        f"Missing value for required parameter '{name}'."
        " See the API docs for more information about request parameters."
    )


def wrong(name: str, value: Any) -> BadInputError:
    """What a request with such a value is told, in MLflow's words."""
    return BadInputError(
        f"Invalid value {str(value)[:100]!r} for parameter '{name}' supplied."
        " See the API docs for more information about request parameters."
    )


def _given(each: dict[str, Any], name: str) -> Any:
    if each.get(name) is None:
        raise missing(name)
    return each[name]


def _object(request: HttpRequest) -> dict[str, Any]:
    """Large bodies are parsed by a parser four times as fast, which takes the last of a key that repeats."""
    if len(request.body) > STRICT_UP_TO_BYTES:
        try:
            found = orjson.loads(request.body)
        except orjson.JSONDecodeError:
            found = None  # the slow parser says what is wrong with it
        if isinstance(found, dict):
            return found
    return read_object(request, takes_constants=True)
