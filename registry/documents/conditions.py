"""Conditions on nested fields, made from what people type: a path, an operator, a scalar.

Nothing from outside becomes an operator or a path unchecked: paths are whitelisted by shape,
operators by name, and values must be scalars, since ``{"$gt": 0}`` as a value is an operator.
"""

import datetime as dt
import re
from collections.abc import Iterable
from typing import NamedTuple

from registry.exceptions import BadInputError

from .connection import Body
from .plain import check_text, encode_key

PATH = re.compile(r"[^\s.$\x00][^.$\x00]*(\.[^.$\x00]+)*")
MAX_PATH = 500
OPERATORS = {
    "eq": "$eq", "ne": "$ne", "gt": "$gt", "gte": "$gte", "lt": "$lt", "lte": "$lte", "in": "$in",
    "exists": "$exists", "prefix": "$regex",
}  # fmt: skip
Scalar = str | int | float | bool | dt.datetime | None


class Condition(NamedTuple):
    """One comparison: ``Condition("config.model.layers.0.units", "gte", 64)``."""

    path: str
    operator: str
    value: object


def to_filter(conditions: Iterable[Condition]) -> Body:
    """All conditions together as a MongoDB filter.

    Raises:
        BadInputError: a path, operator or value is not acceptable.
    """
    clauses = [_clause(*condition) for condition in conditions]
    return {"$and": clauses} if clauses else {}


def _clause(path: str, operator: str, value: object) -> Body:
    if operator not in OPERATORS:
        raise BadInputError(f"{operator!r} is no comparison; there are {', '.join(OPERATORS)}.")
    return {stored_path(path): {OPERATORS[operator]: _value(operator, value)}}


def stored_path(path: str) -> str:
    """A path as it is stored.

    Raises:
        BadInputError: it is no path.
    """
    if len(path) > MAX_PATH or not PATH.fullmatch(path) or path.startswith("__"):
        raise BadInputError(
            f"{path[:100]!r} is no path. Write keys with dots between them, such as config.model.lr;"
            " no $ and no empty key."
        )
    return ".".join(encode_key(part) for part in path.split("."))


def _value(operator: str, value: object) -> object:
    if operator == "in":
        if not isinstance(value, (list, tuple)) or not value:
            raise BadInputError("'in' needs a list of values.")
        return [_scalar(each) for each in value]
    if operator == "exists":
        if not isinstance(value, bool):
            raise BadInputError("'exists' needs true or false.")
        return value
    if operator == "prefix":
        if not isinstance(value, str) or not value:
            raise BadInputError("'prefix' needs the text that the value starts with.")
        return "^" + re.escape(check_text(value, where="The value"))
    return _scalar(value)


def _scalar(value: object) -> Scalar:
    if isinstance(value, str):
        return check_text(value, where="The value")
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise BadInputError(f"{value} is beyond 64 bits.")
    if value is None or isinstance(value, (bool, int, float, dt.datetime)):
        return value
    raise BadInputError(f"{value!r} can't be compared with; use a text, a number, a date, true or false.")
