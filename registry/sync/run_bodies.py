"""Reading bodies from MongoDB, decoded, with their freshness; what is still owed is delivered first."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from registry.documents import plain
from registry.documents.store import find_log_buckets, find_run_body
from registry.enums import OutboxTarget
from registry.models import OutboxEntry, TrainingRun

from .bodies import read_bodies
from .delivery import deliver

NOT_CONTENT = ("_id", "v", "ck", "b")


@dataclass(frozen=True)
class RunBodyView:
    """A run's body as it came, and whether MongoDB has its latest version."""

    body: dict[str, Any] | None
    version: int
    wanted_version: int
    waiting: int

    @property
    def is_current(self) -> bool:
        """Whether MongoDB holds everything that was promised."""
        return self.waiting == 0


@dataclass(frozen=True)
class LogEntry:
    """One epoch, checkpoint or note."""

    key: str
    entry: dict[str, Any]


def run_body(run: TrainingRun) -> RunBodyView:
    """A run's body (one read from MongoDB, one statement; more where something was still owed).

    Raises:
        StoreUnavailableError: MongoDB does not answer.
    """
    waiting = _repaired(run.run_id)
    found = find_run_body(run.run_id)
    if found is None:
        return RunBodyView(None, 0, run.version, waiting)
    shown = {key: value for key, value in found.items() if key not in NOT_CONTENT}
    return RunBodyView(plain.decode(shown), run.body_version, run.version, waiting)


def run_log(run_id: str, kind: str, *, limit: int = 1_000, is_delivered: bool = False) -> list[LogEntry]:
    """A run's epochs, checkpoints or notes in order of their time, the first ``limit``.

    One statement and one read; more where something was still owed.

    Args:
        is_delivered: what was owed has been delivered a moment ago, by :func:`run_body`: no statement.

    Raises:
        StoreUnavailableError: MongoDB does not answer.
    """
    if not is_delivered:
        _repaired(run_id)
    entries = list(_entries(run_id, kind, limit))
    return sorted(entries, key=lambda each: each.entry["at"])[:limit]


def kept_body(run_id: str) -> dict[str, Any] | None:
    """A run's body from PostgreSQL's own copy, for when MongoDB is away (one statement)."""
    for bodies in read_bodies([("runs", run_id)]):
        return dict(plain.decode(bodies[0].content)) if bodies else None
    return None


def _repaired(run_id: str) -> int:
    """Deliver what is owed; returns how many effects on MongoDB wait nevertheless."""
    owed = OutboxEntry.objects.filter(aggregate_id=run_id, target=OutboxTarget.MONGODB)
    waiting = owed.count()
    if waiting:
        deliver([run_id])
        waiting = owed.count()
    return waiting


def _entries(run_id: str, kind: str, limit: int) -> Iterator[LogEntry]:
    for bucket in find_log_buckets(run_id, kind, limit):
        for key, entry in bucket["entries"].items():
            yield LogEntry(key, plain.decode(entry))
