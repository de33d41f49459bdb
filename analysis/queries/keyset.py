"""Paging without OFFSET: the next page starts behind the last row, wherever it now is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q
from django.db.models.expressions import OrderBy

NOTHING = Q(pk__in=[])


@dataclass(frozen=True, slots=True)
class Order:
    """An expression that rows are ordered by; rows without a value come last.

    Attributes:
        path: A field, a relation's field or an annotation.
        is_descending: Greatest first.
        is_nullable: Whether a row may lack it.
    """

    path: str
    is_descending: bool
    is_nullable: bool = False

    def expression(self, *, is_backwards: bool) -> OrderBy:
        """As ``order_by()`` takes it; backwards is the exact reverse."""
        nulls = {"nulls_first" if is_backwards else "nulls_last": True} if self.is_nullable else {}
        if self.is_descending != is_backwards:
            return F(self.path).desc(**nulls)
        return F(self.path).asc(**nulls)


def beyond(orders: Sequence[Order], values: Sequence[Any], *, is_backwards: bool) -> Q:
    """The rows behind the one with these values, or those before it.

    Args:
        orders: How the rows are ordered, the last one unique.
        values: That row's value for each of them.
        is_backwards: Before instead of behind.
    """
    condition = NOTHING
    for order, value in reversed(list(zip(orders, values, strict=True))):
        condition = _beyond(order, value, condition, is_backwards=is_backwards)
    return condition


def _beyond(order: Order, value: Any, tied: Q, *, is_backwards: bool) -> Q:
    is_missing = Q((f"{order.path}__isnull", True))
    if value is None:
        return (~is_missing | (is_missing & tied)) if is_backwards else is_missing & tied
    is_downward = order.is_descending != is_backwards
    further = Q((f"{order.path}__{'lt' if is_downward else 'gt'}", value))
    condition = further | (Q((order.path, value)) & tied)
    if order.is_nullable and not is_backwards:
        return condition | is_missing
    # Repeats what the condition implies, as the one bound an index can start from.
    return Q((f"{order.path}__{'lte' if is_downward else 'gte'}", value)) & condition
