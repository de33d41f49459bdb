"""Rows of values as a model reads them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from registry.exceptions import BadInputError

Rows = Sequence[Sequence[Any]]
NUMBERS = (int, float)


def table_of(rows: Rows, *, width: int | None, columns: Sequence[str]) -> Any:
    """An array of float64, a line a row, with NaN for None; a data frame for a model with named columns.

    Raises:
        BadInputError: a row has another width, or a value that is neither a number nor missing (a model
            with named columns takes texts, too).
    """
    for place, row in enumerate(rows):
        if len(row) != (len(rows[0]) if width is None else width):
            raise BadInputError(_width_told(place, row, rows if width is None else [[0] * width], columns))
        for column, value in enumerate(row):
            _check(value, place, column, columns)
    if not columns:
        return _numbers(rows)
    import pandas as pd  # noqa: PLC0415 (half a second, for models that were fitted with a frame)

    if any(isinstance(value, str) for row in rows for value in row):
        return pd.DataFrame([list(row) for row in rows], columns=list(columns))
    return pd.DataFrame(_numbers(rows), columns=list(columns))


def named_rows(
    instances: Sequence[dict[str, Any]], *, columns: Sequence[str], optional: bool = False
) -> list[list[Any]]:
    """Rows given by name, in the model's order.

    Args:
        optional: whether a name may be left out for a missing value.

    Raises:
        BadInputError: the model has no names, or a row has others.
    """
    if not columns:
        raise BadInputError("This model was fitted without names: send each row as a list of numbers.")
    known = set(columns)
    for place, row in enumerate(instances):
        if unknown := sorted(row.keys() - known):
            raise BadInputError(f"Row {place} has {unknown[0][:100]!r}, which the model does not know.")
        if not optional and (absent := [name for name in columns if name not in row]):
            raise BadInputError(f"Row {place} lacks {absent[0]!r}; send null where it is not known.")
    return [[row.get(name) for name in columns] for row in instances]


def _numbers(rows: Rows) -> Any:
    try:
        return np.array(
            [[np.nan if value is None else value for value in row] for row in rows], dtype=np.float64
        )
    except OverflowError as error:
        raise BadInputError("A number is beyond 64 bits.") from error


def _check(value: Any, row: int, column: int, columns: Sequence[str]) -> None:
    if value is None or isinstance(value, NUMBERS) or (columns and isinstance(value, str)):
        return
    called = columns[column] if columns else f"value {column}"
    kind = {"str": "text", "list": "a list", "dict": "an object"}.get(type(value).__name__, "no number")
    raise BadInputError(f"In row {row}, {called} is {kind}; the model takes numbers.")


def _width_told(place: int, row: Sequence[Any], like: Rows, columns: Sequence[str]) -> str:
    names = f": {', '.join(columns)}"[:500] if columns else ""
    return f"Row {place} has {len(row)} values; the model takes {len(like[0])}{names}."
