"""One comparison: whether its operator and value fit its field."""

import datetime as dt
import math
import re
from typing import Any

from lark import Token

from .errors import FilterError
from .fields import field, kind_of
from .subjects import LISTS, NUMERIC, PRESENCE, Kind, Subject
from .tree import Comparison, Entity, Value

OPERATORS = {
    "one_of": "IN",
    "none_of": "NOT IN",
    "is_null": "IS NULL",
    "is_not_null": "IS NOT NULL",
}
MAX_LISTED = 1_000
MAX_WILDCARDS = 20
WHOLE = re.compile(r"[+-]?\d{1,19}")
HAS_PRESENCE = (Entity.METRIC, Entity.PARAM, Entity.TAG)


def comparison(tree: Any, text: str, subject: Subject) -> Comparison:
    """The comparison that a part of the parser's tree says.

    Raises:
        FilterError: the subject has no such field, or it takes no such operator or value.
    """
    found = field(tree.children[0], text, subject)
    kind = kind_of(found, subject)
    operator, at, values = _said(tree)
    may_miss = found.entity in HAS_PRESENCE or (
        found.entity is Entity.ATTRIBUTE and found.key in subject.optional
    )
    presence = PRESENCE if may_miss else frozenset()
    if operator not in kind.operators | presence:
        known = ", ".join(sorted(kind.operators | presence))
        raise FilterError(f"Invalid comparator {operator!r}. It is one of {known}.", text, at)
    return Comparison(found, operator, _value(values, operator, kind, text))


def _said(tree: Any) -> tuple[str, int, list[Token] | None]:
    """The operator, where it stands, and its values (None where it takes none)."""
    first = tree.children[0]
    if tree.data == "compared":
        _, operator, value = tree.children
        return operator.upper(), operator.start_pos, [value]
    listed = tree.children[1].children if len(tree.children) > 1 else None
    values = None if listed is None else [each for each in listed if each is not None]
    return OPERATORS[tree.data], first.start_pos, values


def _value(tokens: list[Token] | None, operator: str, kind: Kind, text: str) -> Value:
    if tokens is None:
        return None
    if operator in LISTS:
        if len(tokens) > MAX_LISTED:
            at = tokens[MAX_LISTED].start_pos or 0
            raise FilterError(f"A list has at most {MAX_LISTED} values.", text, at)
        values = tuple(_one(each, kind, text) for each in tokens)
        if len({type(each) for each in values}) > 1:
            raise FilterError("A list holds texts or numbers, not both.", text, tokens[0].start_pos or 0)
        return values
    value = _one(tokens[0], kind, text)
    at = tokens[0].start_pos or 0
    if operator in ("LIKE", "ILIKE") and str(value).count("%") + str(value).count("_") > MAX_WILDCARDS:
        raise FilterError(f"A pattern has at most {MAX_WILDCARDS} wildcards.", text, at)
    if isinstance(value, str) and operator in NUMERIC - {"=", "!="}:
        raise FilterError(f"{operator} compares with a number without quotes.", text, at)
    return value


def _one(token: Token, kind: Kind, text: str) -> str | float:
    at = token.start_pos or 0
    if token.type == "NUMBER":
        if kind not in (Kind.NUMBER, Kind.EITHER, Kind.MOMENT):
            raise FilterError(f"Expected {kind.value}.", text, at)
        return _number(token, text)
    quote = token[0]
    value = token[1:-1].replace(quote * 2, quote)
    if kind is Kind.MOMENT:
        return _milliseconds(value, text, at)
    if kind is not Kind.NUMBER:
        return value
    if WHOLE.fullmatch(value) is None:
        raise FilterError(f"Expected {kind.value}.", text, at)
    return float(value)


def _number(token: Token, text: str) -> float:
    value = float(token)
    if not math.isfinite(value):
        raise FilterError("This number is too large.", text, token.start_pos or 0)
    return value


def _milliseconds(value: str, text: str, at: int) -> float:
    """A date as searches compare times: milliseconds since 1970; UTC where it says no zone."""
    try:
        moment = dt.datetime.fromisoformat(value.strip())
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        return zoned.timestamp() * 1_000
    except (ValueError, OverflowError):
        raise FilterError(f"Expected {Kind.MOMENT.value}.", text, at) from None
