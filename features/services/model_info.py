"""What is known of a run: at once from the cache, and whole, from all three stores."""

import dataclasses
import datetime as dt
import json
from dataclasses import dataclass, field
from typing import Any

from django.db import InterfaceError, OperationalError

from features import keys
from features.board_metrics import ACCURACY, board_metrics
from features.caches import RUN_INFO
from features.online import leaderboards
from features.online.leaderboards import Place
from features.online.read_through import peek, read_through
from features.queries.standings import top_by_record
from registry.enums import ENDED_STATUSES
from registry.exceptions import StoreUnavailableError
from registry.models import TrainingRun
from registry.queries.runs import RunSummary, run_summary
from registry.sync.run_bodies import kept_body, run_body

DATES = ("started_at", "ended_at")


@dataclass(frozen=True)
class Freshness:
    """Where a part came from and how new it is.

    ``state``: ``current``; ``cached`` (Redis, not checked against the record); ``pending`` (an older
    version, the newer is on its way); ``copy`` (PostgreSQL's copy, the store is away); ``down``.
    """

    source: str
    state: str
    version: int = 0
    wanted_version: int = 0
    problem: str = ""


@dataclass(frozen=True)
class ModelInfo:
    """A run's record with its freshness."""

    run: RunSummary
    freshness: Freshness


@dataclass(frozen=True)
class CompleteModelInfo:
    """A run out of all three stores, each part with its freshness.

    ``body`` is None where MongoDB has none; ``place`` where the run does not stand on its data set's
    leaderboard by accuracy, of ``board_size`` runs. ``places`` has each metric by which it has one, with
    the number of runs there; nothing where Redis is away.
    """

    run: RunSummary
    record: Freshness
    body: dict[str, Any] | None
    body_freshness: Freshness
    place: Place | None
    board_size: int
    place_freshness: Freshness
    places: dict[str, tuple[Place, int]] = field(default_factory=dict)


def get_model_info(*, run_id: str, at_least_version: int = 0) -> ModelInfo:
    """A run's record: from Redis where it has ended and was asked for before, else from PostgreSQL.

    Args:
        at_least_version: what the caller wrote last; an older answer is not taken from the cache.

    Raises:
        NotFoundError: there is no such run.
        OperationalError, InterfaceError: PostgreSQL is away and the cache does not know the run.
    """
    read: list[RunSummary] = []

    def summary() -> bytes | None:
        read.append(run_summary(run_id))
        return packed(read[0]) if read[0].status in ENDED_STATUSES else None

    found = read_through(RUN_INFO, keys.run_info(run_id), summary)
    if found.value is not None and not read:
        cached = _unpacked(found.value)
        if cached.version >= at_least_version:
            return ModelInfo(cached, Freshness("redis", "cached", cached.version, cached.version))
    run = read[0] if read else run_summary(run_id)
    return ModelInfo(run, Freshness("postgresql", "current", run.version, run.version))


def get_complete_model_info(*, run_id: str) -> CompleteModelInfo:
    """A run out of all three stores; a store that is away is told in its part's freshness.

    Raises:
        NotFoundError: there is no such run.
        OperationalError, InterfaceError: PostgreSQL is away and the cache does not know the run.
    """
    run, record = _record(run_id)
    body, body_freshness = _body(run, is_record_away=record.state == "cached")
    place, size, place_freshness, places = _places(run)
    return CompleteModelInfo(run, record, body, body_freshness, place, size, place_freshness, places)


def _record(run_id: str) -> tuple[RunSummary, Freshness]:
    try:
        run = run_summary(run_id)
    except (OperationalError, InterfaceError):
        value = peek(keys.run_info(run_id))
        if value is None:
            raise
        run = _unpacked(value)
        problem = "PostgreSQL does not answer. Run `manage.py doctor` to see why."
        return run, Freshness("redis", "cached", run.version, run.version, problem)
    return run, Freshness("postgresql", "current", run.version, run.version)


def _body(run: RunSummary, *, is_record_away: bool) -> tuple[dict[str, Any] | None, Freshness]:
    if is_record_away:
        return None, Freshness("mongodb", "down", 0, run.version, "Its version can't be told now.")
    try:
        view = run_body(TrainingRun.objects.get(run_id=run.run_id))
    except StoreUnavailableError as error:
        copy = kept_body(run.run_id)
        return copy, Freshness("postgresql", "copy", run.version, run.version, str(error))
    state = "current" if view.is_current else "pending"
    return view.body, Freshness("mongodb", state, view.version, view.wanted_version)


def _places(
    run: RunSummary,
) -> tuple[Place | None, int, Freshness, dict[str, tuple[Place, int]]]:
    """The place by accuracy, and all places (one round trip)."""
    current = Freshness("redis", "current", run.version, run.version)
    if run.dataset is None:
        return None, 0, current, {}
    try:
        found = leaderboards.places(run.dataset, run.run_id, list(board_metrics()))
    except StoreUnavailableError:
        problem = "Redis does not answer; the place is PostgreSQL's, among the first 1,000."
        ranked = top_by_record(run.dataset, limit=1_000)
        place = next((each for each in ranked if each.run_id == run.run_id), None)
        return place, len(ranked), Freshness("postgresql", "copy", run.version, run.version, problem), {}
    stands = {metric: (place, size) for metric, (place, size) in found.items() if place}
    return *found[ACCURACY], current, stands


def packed(run: RunSummary) -> bytes:
    """A run's record as the cache holds it."""
    return json.dumps(dataclasses.asdict(run), default=dt.datetime.isoformat).encode()


def _unpacked(text: bytes) -> RunSummary:
    fields = json.loads(text)
    for name in DATES:
        fields[name] = dt.datetime.fromisoformat(fields[name]) if fields[name] else None
    return RunSummary(**fields)
