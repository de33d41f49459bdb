"""How values lie in the offline history's JSON: a list; NaN and infinity, which JSON lacks, as text."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from features.packing import WrongValueError, convert
from features.view_schema import ViewSchema
from registry.exceptions import BadInputError

NOT_IN_JSON = ("NaN", "Infinity", "-Infinity")


def checked_values(view: ViewSchema, values: Mapping[str, Any], *, entity_key: str = "") -> dict[str, Any]:
    """A row's values by feature in the view's order, as Python's own types; what is left out is None.

    Raises:
        BadInputError: a feature is unknown or a value not of its type.
    """
    if unknown := values.keys() - set(view.names):
        raise BadInputError(f"The view {view.name} has no feature {', '.join(sorted(map(str, unknown)))}.")
    try:
        return {
            field.name: None if (value := values.get(field.name)) is None
            else convert(field.name, field.value_type, value)
            for field in view.fields
        }  # fmt: skip
    except WrongValueError as error:
        raise BadInputError(f"{view.name} of {entity_key!r}: {error}.") from None


def to_json(values: Mapping[str, Any]) -> list[Any]:
    """Checked values for a JSON column: a list in the view's order."""
    return [_told(value) for value in values.values()]


def from_json(view: ViewSchema, kept: Sequence[Any]) -> tuple[Any, ...]:
    """The values of a row of the offline history, in the view's order; None is null.

    Raises:
        BadInputError: they are not as many as the view has features, or not numbers where it has.
    """
    if len(kept) != len(view.fields):
        raise BadInputError(
            f"A row of {view.name} version {view.version} has {len(kept)} values, not {len(view.fields)}."
        )
    try:
        return tuple(_read(field.value_type, value) for field, value in zip(view.fields, kept, strict=True))
    except (TypeError, ValueError) as error:
        raise BadInputError(f"A row of {view.name} version {view.version}: {error}.") from None


def _told(value: Any) -> Any:
    if isinstance(value, list):
        return [_told(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def _read(value_type: str, value: Any) -> Any:
    if value is None:
        return None
    if value_type == "float":
        return float(value)
    return [float(each) for each in value] if value_type == "vector" else value
