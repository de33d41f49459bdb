"""Which runs have points that may go: ended, and with points in the table."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from registry.exceptions import NotFoundError
from registry.models import Experiment

from .reading import patient

PAGE = 500
# Whoever is being purged takes the points along; the index on points counts them a metric at a time.
CANDIDATES = """
SELECT r.id, n.points FROM (
    SELECT r.id FROM registry_trainingrun r
    WHERE r.id > %(after)s AND r.ended_at < %(before)s AND r.lifecycle <> 'purging'
        AND (%(experiments)s IS NULL OR r.experiment_id = ANY(%(experiments)s::int8[]))
    ORDER BY r.id LIMIT %(limit)s
) r CROSS JOIN LATERAL (
    SELECT coalesce(sum(c.points), 0)::int8 AS points FROM registry_metric m CROSS JOIN LATERAL (
        SELECT count(*) AS points FROM registry_metricpoint p WHERE p.metric_id = m.id) c
    WHERE m.run_id = r.id
) n ORDER BY r.id
"""


@dataclass(frozen=True)
class Candidates:
    """Whole runs with so many points together."""

    runs: dict[int, int]

    @property
    def point_count(self) -> int:
        """All of them."""
        return sum(self.runs.values())


def experiment_ids(names: Sequence[str]) -> list[int] | None:
    """Their primary keys; None for all.

    Raises:
        NotFoundError: there is no experiment of a name.
    """
    if not names:
        return None
    found = dict(Experiment.objects.filter(name__in=names).values_list("name", "pk"))
    if missing := [name for name in names if name not in found]:
        raise NotFoundError(f"There is no experiment named {', '.join(map(repr, missing))}.")
    return sorted(found.values())


def candidates(
    *, before: dt.datetime, experiments: Sequence[int] | None, most_points: int
) -> Iterator[Candidates]:
    """Runs that ended before then, in portions of at most so many points (or one run)."""
    portion: dict[int, int] = {}
    for run, points in _counted(before, experiments):
        if portion and sum(portion.values()) + points > most_points:
            yield Candidates(portion)
            portion = {}
        portion[run] = points
    if portion:
        yield Candidates(portion)


def _counted(before: dt.datetime, experiments: Sequence[int] | None) -> Iterator[tuple[int, int]]:
    asked: dict[str, Any] = {"before": before, "experiments": experiments, "limit": PAGE, "after": 0}
    while True:
        with transaction.atomic(), patient(), connection.cursor() as cursor:
            cursor.execute(CANDIDATES, asked)
            page = cursor.fetchall()
        yield from ((run, points) for run, points in page if points)
        if len(page) < PAGE:
            return
        asked["after"] = page[-1][0]
