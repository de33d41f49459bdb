"""One page of a list that is only read forwards, a link to the next one at its end."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from analysis.queries.cursors import Cursor, dumped, loaded
from analysis.queries.keyset import Order, beyond

Row = TypeVar("Row", bound=Model)


def rows_forward(
    found: QuerySet[Row], orders: Sequence[Order], *, cursor: str, name: str, size: int
) -> tuple[list[Row], str]:
    """The rows behind the cursor, and the next page's cursor, empty where there is none (one statement).

    Args:
        found: Which rows there are, in any order.
        orders: How the list is ordered, the last one unique.
        cursor: Where the page begins; any other text than a cursor of this list is its beginning.
        name: The list and its order, for which alone a cursor holds.
        size: At most so many rows.
    """
    found = found.order_by(*(order.expression(is_backwards=False) for order in orders))
    place = loaded(cursor, sort=name)
    if place is not None and len(place.values) == len(orders):
        found = found.filter(beyond(orders, place.values, is_backwards=False))
    rows = list(found[: size + 1])
    if len(rows) <= size:
        return rows, ""
    last = tuple(_plain(getattr(rows[size - 1], order.path)) for order in orders)
    return rows[:size], dumped(Cursor(last), sort=name)


def _plain(value: Any) -> Any:
    """As JSON has it, and as a filter takes it again."""
    return str(value) if isinstance(value, Decimal) else value
