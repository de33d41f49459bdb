"""Conditions as people type them: ``config.layers.0.units>=64``, ``tags in vision,demo``."""

import datetime as dt
import re

import orjson

from registry.exceptions import BadInputError

from .conditions import Condition

DATES = {"created_at", "started_at", "ended_at", "at"}
SIGNS = {
    "=": "eq", "==": "eq", "!=": "ne", ">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "^=": "prefix",
}  # fmt: skip
TEXT = re.compile(
    r"\s*(?P<path>.+?)(?:\s*(?P<sign>>=|<=|!=|\^=|==|=|>|<)\s*(?P<value>.*)"
    r"|\s+in\s+(?P<values>.+)|\s+(?P<presence>exists|missing)\s*)",
    re.DOTALL,
)
LONGEST = 2_000


def parsed_condition(text: str) -> Condition:
    """One comparison from its text.

    The operators are ``=  !=  >  >=  <  <=  ^=`` (starts with), ``in a,b``, ``exists`` and ``missing``.
    A value is a number, true, false or null where it reads as one; in double quotes it is text.

    Raises:
        BadInputError: it is none; the path is checked when the condition is used.
    """
    found = TEXT.fullmatch(text) if len(text) <= LONGEST else None
    if found is None:
        raise BadInputError(
            f"{text[:100]!r} is no condition. Write a field, a comparison and a value, such as"
            " config.layers.0.units>=64, name^=resnet, framework in keras,pytorch or config.lora exists."
        )
    path = found["path"]
    if found["presence"]:
        return Condition(path, "exists", found["presence"] == "exists")
    if found["values"]:
        return Condition(path, "in", typed_value(path, "in", found["values"]))
    operator = SIGNS[found["sign"]]
    return Condition(path, operator, typed_value(path, operator, found["value"].rstrip()))


def typed_value(path: str, operator: str, text: str) -> object:
    """What a person typed for a field: a date for the dates that every document has, else a scalar.

    Raises:
        BadInputError: a date is none.
    """
    if operator == "prefix":
        return text
    if operator == "in":
        return [typed_value(path, "eq", part.strip()) for part in text.split(",")]
    if path in DATES and operator != "exists":
        return parsed_moment(text)
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return text if isinstance(value, (dict, list)) else value


def parsed_moment(text: str) -> dt.datetime:
    """A day or a moment in ISO 8601, UTC where it names no zone.

    Raises:
        BadInputError: it is none.
    """
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise BadInputError(f"{text[:100]!r} is no date. Write 2026-01-31 or 2026-01-31T12:00Z.") from None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
