"""What an import tells at its end."""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, TextIO

from .changes import CHANGED
from .records import GONE, LEFT_OUT, NO_FAILURES, Problem
from .verifying import Verified

COLUMNS = ("kind", "place", "source_id", "cause", "cure")
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
SHOWN = 20


@dataclass(frozen=True)
class ImportReport:
    """The end of an import.

    Attributes:
        import_id: None where nothing was written.
        imported: how many of each kind this call brought; ``there`` how many were here already.
        refused: how many problems of each kind; ``problems`` the first of them.
        is_written: the second pass ran; else this call changed nothing.
        is_complete: everything but what a source always leaves out, or somebody purged since, is here, and
            was seen to be the same.
    """

    import_id: int | None
    kind: str
    place: str
    is_dry_run: bool
    imported: dict[str, int]
    there: dict[str, int]
    refused: dict[str, int]
    problems: Sequence[Problem]
    left_out: int
    verified: Verified
    seconds: float
    points: int = 0
    is_written: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether nothing was refused and nothing differs."""
        return not self.refused.keys() - set(NO_FAILURES)

    @property
    def runs_per_second(self) -> float:
        """Of what this call brought, all of its passes counted."""
        return self.imported.get("run", 0) / self.seconds if self.seconds else 0.0

    def as_json(self) -> dict[str, Any]:
        """For programs, and for the import's row."""
        return asdict(self) | {"is_complete": self.is_complete}

    def summary(self) -> str:
        """One line for a person."""
        verb = "would be imported" if self.is_dry_run else "imported"
        brought = _listed(self.imported) or "nothing new"
        parts = [f"{brought} {verb}"]
        if there := _listed(self.there):
            parts.append(f"{there} here already")
        if changed := self.refused.get(CHANGED):
            parts.append(f"{changed:,} changed since in the source")
        if problems := sum(
            count for kind, count in self.refused.items() if kind not in (*NO_FAILURES, CHANGED)
        ):
            parts.append(f"{problems:,} problems")
        if left_out := self.refused.get(LEFT_OUT):
            parts.append(f"{left_out:,} left out")
        if gone := self.refused.get(GONE):
            parts.append(f"{gone:,} gone since they came")
        if self.verified.runs:
            parts.append(f"{self.verified.runs:,} runs with {self.verified.points:,} points verified")
        if self.verified.waiting:
            parts.append(f"{self.verified.waiting:,} documents wait for MongoDB")
        return f"{'; '.join(parts)}."


def write_problems(report: ImportReport, out: TextIO) -> None:
    """Problems as CSV, a row each, then a row for each kind of which some were only counted.

    What a spreadsheet would take for a formula gets an apostrophe.
    """
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    counted = Counter(report.refused)
    counted.subtract(problem.kind for problem in report.problems)
    more = [
        Problem("", f"… and {count:,} more of this kind.", "", kind)
        for kind, count in counted.items()
        if count > 0
    ]
    for problem in (*report.problems, *more):
        writer.writerow([_as_text(getattr(problem, name)) for name in COLUMNS])


def _as_text(value: str) -> str:
    return f"'{value}" if value.startswith(FORMULAS) else value


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(
        f"{count:,} {kind.replace('_', ' ')}{'' if count == 1 else 's'}"
        for kind, count in counts.items()
        if count
    )
