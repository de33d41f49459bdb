"""How many rows there are of several kinds."""

from typing import Any

from django.db.models import Count, QuerySet, Value


def row_counts(**found: QuerySet[Any]) -> dict[str, int]:
    """How many each finds, by its name (one statement for all, and one moment)."""
    first, *others = [
        rows.order_by().values(what=Value(name)).annotate(count=Count("*")).values_list("what", "count")
        for name, rows in found.items()
    ]
    return dict(first.union(*others, all=True))
