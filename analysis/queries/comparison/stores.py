"""How fresh each run is in the three stores."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from features.online.run_traces import RunTrace, run_traces
from registry.exceptions import StoreUnavailableError

from .bodies import Bodies
from .runs import ComparedRun


@dataclass(frozen=True, slots=True)
class StoreRow:
    """A run in the three stores.

    Attributes:
        state: MongoDB's: ``in sync``, ``lagging``, ``missing`` or ``down``.
        mongodb_version: Of the body there, 0 for none.
        waiting: How many changes wait in the outbox.
        redis_state: ``in sync``, ``lagging``, ``nothing`` (which is no fault) or ``down``.
        boards: On how many leaderboards the run stands.
        cached_version: Of its record in the cache, 0 for none.
    """

    run: ComparedRun
    state: str
    mongodb_version: int
    waiting: int
    redis_state: str
    boards: int
    cached_version: int

    @property
    def is_fresh(self) -> bool:
        """Whether every store that has something of the run has its newest."""
        return self.state == "in sync" and self.redis_state in {"in sync", "nothing"}


@dataclass(frozen=True, slots=True)
class Stores:
    """A row a run, and why Redis could not tell, else empty."""

    rows: list[StoreRow]
    redis_problem: str = ""

    @property
    def behind(self) -> list[StoreRow]:
        """The runs of which a store lacks something."""
        return [row for row in self.rows if not row.is_fresh]


def stores_of(runs: Sequence[ComparedRun], bodies: Bodies) -> Stores:
    """How the stores stand (one round trip to either Redis server)."""
    problem = ""
    traces: Mapping[str, RunTrace] = {}
    try:
        traces = run_traces([run.run_id for run in runs])
    except StoreUnavailableError as error:
        problem = str(error)
    rows = [_row(run, bodies, traces.get(run.run_id)) for run in runs]
    return Stores(rows, problem)


def _row(run: ComparedRun, bodies: Bodies, trace: RunTrace | None) -> StoreRow:
    part = bodies.parts[run.run_id]
    known = trace or RunTrace()
    return StoreRow(
        run=run,
        state=part.state,
        mongodb_version=part.version,
        waiting=part.waiting,
        redis_state="down" if trace is None else _redis_state(run, trace),
        boards=known.boards,
        cached_version=known.cached_version,
    )


def _redis_state(run: ComparedRun, trace: RunTrace) -> str:
    versions = [each for each in (trace.board_version, trace.cached_version) if each]
    if not versions:
        return "nothing"
    return "in sync" if min(versions) >= run.version else "lagging"
