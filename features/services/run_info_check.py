"""Looking after the cache of ended runs: a sample of it against PostgreSQL."""

from collections.abc import Iterator, Sequence

from features.online import cached_runs
from features.queries.standings import DueStanding, due_standings_of
from registry.exceptions import NotFoundError
from registry.queries.runs import RunSummary, run_summaries
from registry.sync.reconcile.drift import Check, Finding, Kind, Mending, Step, Terms
from registry.sync.reconcile.promises import promise_runs

from .model_info import packed

SAMPLE = 1_000
CHUNK = 200
Known = dict[str, DueStanding]


class RunInfoCheck(Check):
    """Compares up to 1,000 cached runs; leases let none become stale, so a sample tells enough."""

    place = "run-info"
    store = "Redis"

    def look(self, *, deep: bool) -> Iterator[Step]:
        """A sample, all of them where deep."""
        run_ids = cached_runs.cached_run_ids(limit=None if deep else SAMPLE)
        if not run_ids:
            yield Step(1, 1)
        for start in range(0, len(run_ids), CHUNK):
            chunk = run_ids[start : start + CHUNK]
            yield Step(start + len(chunk), len(run_ids), list(self._confirmed(chunk)))

    def mend(self, findings: Sequence[Finding], terms: Terms) -> Mending:  # noqa: ARG002 (a cache)
        """Have them forgotten."""
        promise_runs({each.subject: 0 for each in findings})
        return Mending()

    def still(self, findings: Sequence[Finding]) -> set[str]:
        """Each compared again."""
        return {each.subject for each in self._confirmed([each.subject for each in findings])}

    def _confirmed(self, run_ids: Sequence[str]) -> Iterator[Finding]:
        """The cache read between two reads of PostgreSQL that say the same and owe nothing."""
        before, summaries = _read(run_ids)
        cached = cached_runs.cached_infos(run_ids)
        after, again = _read(run_ids)
        for run_id in run_ids:
            value, standing = cached.get(run_id), after.get(run_id)
            is_moving = (standing is not None and standing.is_owed) or standing != before.get(run_id)
            if value is None or is_moving or summaries.get(run_id) != again.get(run_id):
                continue
            if run_id not in again:
                yield Finding(self.place, Kind.ORPHAN, run_id, run_id, "PostgreSQL does not know the run")
            elif packed(again[run_id]) != value:
                yield Finding(self.place, Kind.STALE, run_id, run_id, "The cached record is not the run's")


def _read(run_ids: Sequence[str]) -> tuple[Known, dict[str, RunSummary]]:
    known = due_standings_of(run_ids)
    there = [run_id for run_id, standing in known.items() if standing.version]
    try:
        return known, {run.run_id: run for run in run_summaries(there)}
    except NotFoundError:  # purged in between: it is moving
        return {}, {}
