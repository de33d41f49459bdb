"""Reading a leaderboard: from Redis, and from PostgreSQL where Redis can't tell."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User

from features.board_metrics import ACCURACY, board_metric
from features.online import leaderboards
from features.online.leaderboards import BoardHead, Place
from registry.enums import OutboxStatus, OutboxTarget
from registry.exceptions import StoreUnavailableError
from registry.models import OutboxEntry, TrainingRun
from registry.queries.permissions import visible_to

from .standings import top_by_record

LIMIT = 50
SPARE = 4
UNBUILT = (
    "The boards in Redis are not whole: it was emptied, or LEADERBOARD_METRICS has changed."
    " Build them with: manage.py leaderboard rebuild"
)


@dataclass(frozen=True)
class RankedRun:
    """A run on a board; ranks are counted from 1 among the runs that the viewer may read."""

    rank: int
    score: float
    run_id: str
    name: str
    experiment: str
    model_name: str
    framework: str
    duration_seconds: float | None
    ended_at: dt.datetime | None


@dataclass(frozen=True)
class Board:
    """The best runs of a dataset by a metric.

    Attributes:
        size: How many of them the viewer may read; None where only a count of all would tell.
        source: ``redis`` or ``postgresql``; ``problem`` says why it is not Redis.
        waiting: How many changes Redis has yet to hear of.
    """

    dataset: str
    metric: str
    is_higher_better: bool
    rows: list[RankedRun]
    size: int | None
    source: str
    problem: str = ""
    waiting: int = 0


def board(*, dataset: str, metric: str = ACCURACY, viewer: User | None = None, limit: int = LIMIT) -> Board:
    """The best runs that the viewer may read.

    One round trip to Redis and two statements. Where some of the best are not the viewer's to read there
    is one more, for the next ones; where too few are left, or Redis can't tell, PostgreSQL's own order
    counts (another one).

    Args:
        viewer: None may read everything.

    Raises:
        NotFoundError: the metric has no boards.
    """
    is_higher_better = board_metric(metric).is_higher_better
    rows, size, problem = None, None, ""
    try:
        head = leaderboards.head(dataset, metric, limit=limit * SPARE)
        problem = "" if head else UNBUILT
        if head:
            rows, size = _of_redis(head, viewer, limit)
    except StoreUnavailableError as error:
        problem = str(error)
    source = "postgresql" if rows is None else "redis"
    if rows is None:
        rows = _ranked(top_by_record(dataset, metric, limit=limit, viewer=viewer), viewer)
        size = len(rows) if len(rows) < limit else None
    owed = OutboxEntry.objects.filter(target=OutboxTarget.REDIS, status=OutboxStatus.DUE)
    waiting = owed.count() if source == "redis" else 0
    return Board(dataset, metric, is_higher_better, rows, size, source, problem, waiting)


def _of_redis(head: BoardHead, viewer: User | None, limit: int) -> tuple[list[RankedRun] | None, int | None]:
    """None for the rows where too many of the best may not be read."""
    looked_at = head.places[:limit]
    rows = _ranked(looked_at, viewer)
    if len(rows) < len(looked_at):
        looked_at = head.places
        rows += _ranked(looked_at[limit:], viewer, after=len(rows))
        if len(rows) < limit and len(looked_at) < head.size:
            return None, None
    if viewer is None or viewer.is_superuser:
        return rows[:limit], head.size
    return rows[:limit], len(rows) if len(looked_at) == head.size else None


def _ranked(places: Sequence[Place], viewer: User | None, *, after: int = 0) -> list[RankedRun]:
    """Those that the viewer may read, with what the page says of them (one statement)."""
    runs = TrainingRun.objects.active().select_related("experiment")
    if viewer is not None:
        runs = runs.filter(visible_to(viewer, experiment="experiment"))
    found = {run.run_id: run for run in runs.filter(run_id__in=[each.run_id for each in places])}
    known = [(place, found[place.run_id]) for place in places if place.run_id in found]
    return [
        RankedRun(
            rank=rank,
            score=place.score,
            run_id=run.run_id,
            name=run.name,
            experiment=run.experiment.name,
            model_name=run.model_name,
            framework=run.framework,
            duration_seconds=run.duration_seconds,
            ended_at=run.ended_at,
        )
        for rank, (place, run) in enumerate(known, after + 1)
    ]
