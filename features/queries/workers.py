"""Who trains what: running runs with their last sign of life."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Max
from django.utils import timezone

from features.online import heartbeats
from features.online.heartbeats import Beat
from registry.enums import RunStatus
from registry.exceptions import StoreUnavailableError
from registry.models import TrainingRun
from registry.queries.permissions import visible_to

ALIVE_SECONDS, QUIET_SECONDS = 30, 120
LIMIT = heartbeats.MOST_READ
ALIVE, QUIET, GONE = "alive", "quiet", "gone"


@dataclass(frozen=True)
class Worker:
    """A running run and whoever trains it.

    Attributes:
        state: ``alive`` (heard of within 30 s), ``quiet`` (2 min) or ``gone``.
        seen_at: the last sign of life: a heartbeat, else the time of its last metric, else its start.
        source: ``tracker``, ``api`` or ``mlflow``; empty where no heartbeat is known.
        last_step: of all its metrics; None where nothing was logged.
    """

    run_id: str
    name: str
    experiment: str
    model_name: str
    state: str
    seen_at: dt.datetime
    started_at: dt.datetime
    username: str
    source: str
    host: str
    pid: int
    last_step: int | None


@dataclass(frozen=True)
class Workers:
    """All that the viewer may read, the liveliest first; ``problem`` says why Redis was not asked."""

    rows: list[Worker]
    is_cut: bool = False
    problem: str = ""

    def count(self, state: str) -> int:
        """How many are in a state."""
        return sum(row.state == state for row in self.rows)


def workers(viewer: User) -> Workers:
    """The running runs that the viewer may read (one round trip to Redis, two statements).

    Looked at are the newest ``LIMIT`` and those among the ``LIMIT`` heard of last, however many run.
    """
    beats, problem = {}, ""
    runs = TrainingRun.objects.active().filter(
        visible_to(viewer, experiment="experiment"), status=RunStatus.RUNNING
    )
    newest: list[Any] = list(runs.order_by("-started_at").values_list("run_id", flat=True)[: LIMIT + 1])
    try:
        beats = heartbeats.beats(newest)
    except StoreUnavailableError as error:
        problem = str(error)
    # Only what is shown is joined with its metrics: crashed runs stay RUNNING, so there may be very many.
    found = runs.filter(run_id__in={*newest, *beats}).select_related("experiment", "created_by")
    found = found.annotate(last_step=Max("metrics__latest_step"), last_ms=Max("metrics__latest_timestamp_ms"))
    rows = sorted(_rows(found, beats), key=lambda row: (row.seen_at, row.run_id), reverse=True)
    return Workers(rows[:LIMIT], is_cut=len(rows) > LIMIT, problem=problem)


def _rows(runs: Iterable[TrainingRun], beats: dict[str, Beat]) -> Iterable[Worker]:
    now = timezone.now()
    for run in runs:
        beat = beats.get(run.run_id, Beat(run.run_id))
        seen_at = _seen_at(run, beat, now)
        owner = run.created_by.get_username() if run.created_by else ""
        yield Worker(
            run_id=run.run_id,
            name=run.name,
            experiment=run.experiment.name,
            model_name=run.model_name,
            state=_state((now - seen_at).total_seconds()),
            seen_at=seen_at,
            started_at=run.started_at,
            username=beat.username or owner,
            source=beat.source,
            host=beat.host,
            pid=beat.pid,
            last_step=run.last_step,  # type: ignore[attr-defined] # annotated
        )


def _seen_at(run: TrainingRun, beat: Beat, now: dt.datetime) -> dt.datetime:
    """Clients set the times of their metrics: one beyond now or out of the calendar says nothing."""
    logged_ms = run.last_ms or 0  # type: ignore[attr-defined] # annotated
    ms = [each for each in (beat.at_ms, logged_ms) if 0 < each <= now.timestamp() * 1_000]
    return max([run.started_at, *(dt.datetime.fromtimestamp(each / 1_000, dt.UTC) for each in ms)])


def _state(seconds: float) -> str:
    if seconds < ALIVE_SECONDS:
        return ALIVE
    return QUIET if seconds < QUIET_SECONDS else GONE
