"""Tree to text: a filter as one would type it."""

import datetime as dt
import re

from .tree import And, Comparison, Entity, Field, Node, Not

BARE = re.compile(r"[\w/-]+(\.[\w/-]+)*")
STATISTIC = re.compile(r".+\.(max|min|last)")
PREFIXES = {
    Entity.METRIC: "metrics",
    Entity.PARAM: "params",
    Entity.TAG: "tags",
    Entity.DATASET: "dataset",
}
QUOTES = "`\"'"


def filter_text(node: Node) -> str:
    """A filter that parses to this tree.

    Raises:
        ValueError: a key has all three kinds of quotes, so no filter can name it.
    """
    if isinstance(node, Comparison):
        return _comparison(node)
    if isinstance(node, Not):
        return f"NOT {_inner(node.part)}"
    word = " AND " if isinstance(node, And) else " OR "
    return word.join(_inner(part) for part in node.parts)


def field_text(field: Field) -> str:
    """The name of a field as filters, orders and columns have it.

    Raises:
        ValueError: its key has all three kinds of quotes.
    """
    if field.entity is Entity.ATTRIBUTE:
        return field.key
    prefix = PREFIXES[field.entity]
    if field.or_key:
        return f"{prefix}.{field.or_key}"
    statistic = "" if field.statistic == "last" else f".{field.statistic}"
    return f"{prefix}.{_key(field)}{statistic}"


def _inner(node: Node) -> str:
    text = filter_text(node)
    return text if isinstance(node, Comparison | Not) else f"({text})"


def _comparison(comparison: Comparison) -> str:
    name, value = field_text(comparison.field), comparison.value
    if value is None:
        return f"{name} {comparison.operator}"
    if isinstance(value, tuple):
        return f"{name} {comparison.operator} ({', '.join(_value(each) for each in value)})"
    is_moment = comparison.field.entity is Entity.ATTRIBUTE and name.endswith("_at")
    told = _moment(value) if is_moment and isinstance(value, float) else _value(value)
    return f"{name} {comparison.operator} {told}"


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)  # noqa: PLR2004 (digits)


def _moment(milliseconds: float) -> str:
    """A date where that says the same."""
    try:
        moment = dt.datetime.fromtimestamp(milliseconds / 1_000, dt.UTC)
    except (ValueError, OverflowError, OSError):
        return _value(milliseconds)
    if moment.timestamp() * 1_000 != milliseconds:
        return _value(milliseconds)
    return f"'{moment.replace(tzinfo=None)}'".replace(" 00:00:00'", "'")


def _key(field: Field) -> str:
    is_plain = BARE.fullmatch(field.key) and not (
        field.entity is Entity.METRIC and STATISTIC.fullmatch(field.key)
    )
    if is_plain:
        return field.key
    for quote in QUOTES:
        if quote not in field.key:
            return f"{quote}{field.key}{quote}"
    raise ValueError(f"No filter can name {field.key!r}.")
