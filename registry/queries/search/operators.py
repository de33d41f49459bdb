"""Comparisons of one expression, as SQL. Every value is a parameter."""

import math
from typing import Any

from registry.fields import HEX_ID
from registry.filters import CONTAINS, Value, as_pattern

ENDLESS = "'NaN'::float8"
LAST_MOMENT_MS, FIRST_MOMENT_MS = 253_402_300_799_000, -62_135_596_800_000


class Arguments(dict[str, Any]):
    """The parameters of a statement, by name."""

    def add(self, value: Any) -> str:
        """The placeholder of a new parameter."""
        name = f"a{len(self)}"
        self[name] = value
        return f"%({name})s"


def text_sql(expression: str, operator: str, value: Value, arguments: Arguments) -> str:
    """A text against a text or a list of texts. A pattern has no escape character."""
    if operator in ("IN", "NOT IN"):
        return f"{expression} {_any_of(operator)}({arguments.add(_texts(value))}::text[])"
    if operator == CONTAINS:
        pattern = arguments.add(f"%{as_pattern(str(value))}%")
        return f"upper({expression}) LIKE upper({pattern})"
    placeholder = arguments.add(value)
    if operator == "ILIKE":  # so, since names have an index in capitals, and it is the quicker way without
        return f"upper({expression}) LIKE upper({placeholder}) ESCAPE ''"
    if operator == "LIKE":
        return f"{expression} LIKE {placeholder} ESCAPE ''"
    return f"{expression} {_compared(operator)} {placeholder}"


def number_sql(expression: str, operator: str, value: Value, arguments: Arguments) -> str:
    """A number against a number or a list of them. NaN is unequal to all, and neither less nor greater."""
    if operator in ("IN", "NOT IN"):
        return f"{expression} {_any_of(operator)}({arguments.add(_list(value))}::float8[])"
    placeholder = f"{arguments.add(value)}::float8"
    below_nan = f" AND {expression} < {ENDLESS}" if operator in (">", ">=") else ""
    return f"{expression} {_compared(operator)} {placeholder}{below_nan}"


def moment_sql(expression: str, operator: str, value: Value, arguments: Arguments) -> str:
    """A time against milliseconds since 1970, as clients are told it: rounded to whole ones."""
    if operator in ("IN", "NOT IN"):
        parts = [moment_sql(expression, "=", each, arguments) for each in _list(value)]
        return f"{'NOT ' if operator == 'NOT IN' else ''}({' OR '.join(parts)})"
    asked = float(value)  # type: ignore[arg-type]
    if operator in ("=", "!="):
        if asked != math.floor(asked):
            return "false" if operator == "=" else f"{expression} IS NOT NULL"
        start, end = (_moment(asked + each, arguments) for each in (-0.5, 0.5))
        within = f"({expression} >= {start} AND {expression} < {end})"
        return within if operator == "=" else f"NOT {within}"
    # > and <= turn at the end of the millisecond below, >= and < at the start of the one above
    edge = math.floor(asked) + 0.5 if operator in (">", "<=") else math.ceil(asked) - 0.5
    return f"{expression} {'>=' if operator in ('>', '>=') else '<'} {_moment(edge, arguments)}"


def id_sql(expression: str, operator: str, value: Value, arguments: Arguments) -> str:
    """A ``uuid`` column against ids of 32 hexadecimal characters; what is none equals no id."""
    if operator in ("LIKE", "ILIKE"):
        return text_sql(f"replace({expression}::text, '-', '')", operator, value, arguments)
    known = [each for each in _texts(value) if HEX_ID.fullmatch(each)]
    return f"{expression} {_any_of(operator)}({arguments.add(known)}::uuid[])"


def _moment(milliseconds: float, arguments: Arguments) -> str:
    within = min(max(milliseconds, FIRST_MOMENT_MS), LAST_MOMENT_MS)
    return f"to_timestamp({arguments.add(within / 1_000)})"


def _compared(operator: str) -> str:
    return "<>" if operator == "!=" else operator


def _any_of(operator: str) -> str:
    return "= ANY" if operator in ("IN", "=") else "<> ALL"


def _list(value: Value) -> list[Any]:
    return list(value) if isinstance(value, tuple) else [value]


def _texts(value: Value) -> list[str]:
    return [str(each) for each in _list(value)]
