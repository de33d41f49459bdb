"""Looking after ``model_configs``: a config may belong to a run, and that run should be there.

Its content is in MongoDB alone, so there is nothing else to compare.
"""

from collections.abc import Iterator, Sequence

from registry.documents import config_owners

from .drift import Check, Finding, Kind, Mending, Step, Terms
from .owners import lifecycles
from .removal import remove_unowned

CHUNK = 5_000


class ConfigCheck(Check):
    """Finds configs of runs that PostgreSQL does not know."""

    place = config_owners.NAME
    store = "MongoDB"

    def look(self, *, deep: bool) -> Iterator[Step]:  # noqa: ARG002 (nothing more to compare)
        """Ask which runs configs belong to, then PostgreSQL for those runs."""
        run_ids = config_owners.run_ids()
        found: list[Finding] = []
        for start in range(0, len(run_ids), CHUNK):
            chunk = run_ids[start : start + CHUNK]
            found += self._orphans(config_owners.configs_of(self._gone(chunk)))
        yield Step(1, 1, found)

    def mend(self, findings: Sequence[Finding], terms: Terms) -> Mending:
        """Delete orphans that have been there for a while."""
        return Mending(remove_unowned(findings, terms))

    def still(self, findings: Sequence[Finding]) -> set[str]:
        """Those that are there, and their runs still are not."""
        gone = self._gone(sorted({each.owner_id for each in findings}))
        wanted = {each.subject for each in findings}
        return {config_id for config_id, _ in config_owners.configs_of(gone) if config_id in wanted}

    def _gone(self, run_ids: Sequence[str]) -> list[str]:
        known = lifecycles("runs", run_ids)
        return [run_id for run_id in run_ids if run_id not in known]

    def _orphans(self, configs: Sequence[tuple[str, str]]) -> Iterator[Finding]:
        for config_id, run_id in configs:
            detail = f"It belongs to the run {run_id}, which PostgreSQL does not know"
            yield Finding(self.place, Kind.ORPHAN, config_id, run_id, detail, fingerprint=run_id)
