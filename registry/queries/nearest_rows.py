"""The rows next to a key that meet a condition, quick wherever they lie.

``WHERE status = 'KILLED' ORDER BY id DESC LIMIT 51`` looks cheap to PostgreSQL, which takes rows that
meet a condition to be spread evenly: it walks down the primary key. Where they are all old, it walks
through the whole table. So the walk ends after 20,000 keys; where that was not enough, the rows are
either rare or lie together, and finding all of them first, by whichever index knows the condition, is
cheap.
"""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Max, Min, QuerySet

WALK = 20_000


def nearest_rows(
    rows: QuerySet[Any],
    *,
    count: int,
    before: int | None = None,
    after: int | None = None,
    walk: int = WALK,
) -> list[Any]:
    """At most ``count`` rows next to a key: two statements where they are near it, four at most.

    Args:
        before: below this key, the greatest first; from the greatest on without it.
        after: above this key, the least first.
        walk: how many keys are looked at before all rows are found first.
    """
    order = "pk" if after is not None else "-pk"
    ends = rows.model._default_manager.aggregate(Min("pk"), Max("pk"))
    least, greatest = ends["pk__min"] or 0, ends["pk__max"] or 0
    if after is not None:
        rows = rows.filter(pk__gt=after)
        near, is_all = rows.filter(pk__lte=after + walk), after + walk >= greatest
    else:
        start = greatest + 1 if before is None else before
        rows = rows.filter(pk__lt=start)
        near, is_all = rows.filter(pk__gte=start - walk), start - walk <= least
    found = list(near.order_by(order)[:count])
    if is_all or len(found) == count:
        return found
    keys = _keys(rows, order, count)
    return list(rows.filter(pk__in=keys).order_by(order)[:count]) if keys else []


def _keys(rows: QuerySet[Any], order: str, count: int) -> list[int]:
    """All keys that meet the condition are found (OFFSET 0 keeps the order out of that), then sorted."""
    try:
        inner, params = rows.order_by().values_list("pk").query.sql_with_params()
    except EmptyResultSet:  # the condition can't be met
        return []
    direction = "DESC" if order == "-pk" else "ASC"
    sql = f"SELECT found.id FROM ({inner} OFFSET 0) found(id) ORDER BY 1 {direction} LIMIT %s"  # noqa: S608 (Django's)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, count])
        return [int(key) for (key,) in cursor.fetchall()]
