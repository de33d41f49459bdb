"""Everything that a source yields, by what it is."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from registry.imports.mlflow.opening import Wanted, open_source
from registry.imports.records import ImportedRun, MetricSample, Problem, Source


@dataclass(frozen=True)
class Read:
    """Records by kind; the points of each run by its id."""

    records: dict[str, list[Any]]
    points: dict[str, list[MetricSample]]
    problems: list[Problem]

    def of_kind(self, kind: str) -> list[Problem]:
        """Problems of one kind."""
        return [problem for problem in self.problems if problem.kind == kind]


def read(place: Path | str, wanted: Wanted | None = None) -> Read:
    """Open a store and read it whole."""
    return read_source(open_source(str(place), wanted or Wanted()))


def read_source(source: Source) -> Read:
    """Read a store whole, as an import does; metrics are taken out of the runs."""
    records: dict[str, list[Any]] = {}
    points: dict[str, list[MetricSample]] = {}
    problems = [found for found in source.examine() if isinstance(found, Problem)]
    for kind in ("experiments", "datasets", "runs", "logged_models", "registered_models"):
        records[kind] = []
        for found in getattr(source, kind)():
            if isinstance(found, Problem):
                problems.append(found)
                continue
            if isinstance(found, ImportedRun):
                points[found.source_id] = list(found.metrics)
                found = replace(found, metrics=())  # noqa: PLW2901
            records[kind].append(found)
    return Read(records, points, problems)
