"""Reading bodies from MongoDB, decoded, with their freshness."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from registry.documents import plain
from registry.documents.store import find_log_buckets, find_run_body
from registry.models import OutboxEntry, TrainingRun


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
    """A run's body (one read from MongoDB, one statement).

    Raises:
        StoreUnavailableError: MongoDB does not answer.
    """
    waiting = OutboxEntry.objects.filter(aggregate_id=run.run_id).count()
    found = find_run_body(run.run_id)
    if found is None:
        return RunBodyView(None, 0, run.version, waiting)
    shown = {key: value for key, value in found.items() if key not in ("_id", "v", "versions")}
    return RunBodyView(plain.decode(shown), run.body_version, run.version, waiting)


def run_log(run_id: str, kind: str, *, limit: int = 1_000) -> list[LogEntry]:
    """A run's epochs, checkpoints or notes in order of their time, the first ``limit`` (one read)."""
    entries = list(_entries(run_id, kind, limit))
    return sorted(entries, key=lambda each: each.entry["at"])[:limit]


def _entries(run_id: str, kind: str, limit: int) -> Iterator[LogEntry]:
    for bucket in find_log_buckets(run_id, kind, limit):
        for key, entry in bucket["entries"].items():
            yield LogEntry(key, plain.decode({name: value for name, value in entry.items() if name != "v"}))
