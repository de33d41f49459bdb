"""A metric's history, a page at a time, by key."""

from dataclasses import dataclass
from typing import Any

from django.db import connection

from registry.models import Metric
from registry.queries.archived_points import points_with_archived
from registry.queries.runs import Point

PAGE = 200

# The row comparison walks the primary key from the given place.
PLACE = """
SELECT step, timestamp_ms, value FROM {points} p
WHERE metric_id = %(metric)s AND (step, timestamp_ms, value) > (%(step)s, %(at)s, %(value)s::float8)
ORDER BY step, timestamp_ms, value LIMIT %(limit)s
"""
START = (-(2**63), -(2**63), "-Infinity")


@dataclass(frozen=True)
class PointsPage:
    """Points in order, and where the next page starts (empty on the last one)."""

    points: list[Point]
    next_after: str


def metric_points_page(*, metric_id: int, after: str = "", size: int = PAGE) -> PointsPage:
    """The points after a place as given by ``next_after``, archived ones too (three statements)."""
    step, at, value = _place(after)
    asked: dict[str, Any] = {"metric": metric_id, "step": step, "at": at, "value": value, "limit": size + 1}
    runs = dict(Metric.objects.filter(pk=metric_id).values_list("run_id", "key"))
    with (
        points_with_archived(list(runs), key=next(iter(runs.values()), None)) as source,
        connection.cursor() as cursor,
    ):
        cursor.execute(PLACE.format(points=source), asked)
        points = [Point(*row) for row in cursor.fetchall()]
    if len(points) <= size:
        return PointsPage(points, "")
    last = points[size - 1]
    return PointsPage(points[:size], f"{last.step}_{last.timestamp_ms}_{last.value!r}")


def _place(after: str) -> tuple[int, int, str]:
    try:
        step, at, value = after.split("_")
        place = int(step), int(at), str(float(value))
    except ValueError:
        return START
    is_64_bit = all(-(2**63) <= number < 2**63 for number in place[:2])
    return place if is_64_bit else START
