"""Values of a SQLite database as params, metrics and texts."""

import json
import math
from typing import Any

from registry.documents.flat_leaves import value_in
from registry.exceptions import BadInputError
from registry.imports.conversions import float_in

from .opening import BadText

BOOLEANS = {
    "true": True,
    "t": True,
    "yes": True,
    "1": True,
    "false": False,
    "f": False,
    "no": False,
    "0": False,
}


def value_of(cell: Any, way: str = "as it is") -> Any:
    """A value with its type: as it is stored, or read as something else.

    Raises:
        BadInputError: it is no UTF-8, a BLOB, or not what it is to be read as.
    """
    _refuse_bytes(cell)
    if way == "as it is" or cell is None:
        return cell
    try:
        return _WAYS[way](cell)
    except (ValueError, KeyError, RecursionError, OverflowError) as error:
        raise BadInputError(f"{str(cell)[:50]!r} can't be read as {way}.") from error


def text_of(cell: Any) -> str:
    """A value as text; empty for NULL.

    Raises:
        BadInputError: it is no UTF-8, or a BLOB.
    """
    _refuse_bytes(cell)
    return "" if cell is None else str(cell)


def number_of(cell: Any) -> float:
    """A metric's value: NULL is NaN, which SQLite can't hold.

    Raises:
        BadInputError: it is no number.
    """
    _refuse_bytes(cell)
    if cell is None:
        return math.nan
    return float_in(cell) if isinstance(cell, str) else float(cell)


def whole_of(cell: Any) -> int:
    """A step.

    Raises:
        BadInputError: it is no whole number.
    """
    number = number_of(cell)
    if math.isnan(number) or number % 1:
        raise BadInputError(f"The step {cell!r} is no whole number.")
    return cell if isinstance(cell, int) else int(number)


def _refuse_bytes(cell: Any) -> None:
    if isinstance(cell, BadText):
        raise BadInputError(f"The text {cell.raw[:20]!r} is no UTF-8. Mend it in the source.")
    if isinstance(cell, bytes):
        raise BadInputError("It is a BLOB. Map it under 'artifacts', or leave it out.")


def _boolean(cell: Any) -> bool:
    return BOOLEANS[str(cell).strip().lower()]


_WAYS: dict[str, Any] = {
    "bool": _boolean,
    "int": int,
    "float": float,
    "text": str,
    "json": lambda cell: json.loads(cell) if isinstance(cell, str) else cell,
    "auto": lambda cell: value_in(cell) if isinstance(cell, str) else cell,
}
