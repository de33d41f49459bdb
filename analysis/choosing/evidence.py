"""What a statement rests on: a measured figure, a recorded one, or a public source."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from .comparing import Comparison, milliseconds, told
from .figures import Figures
from .stores import Source, StoreName

FEATURES = "docs/benchmarks/features.md"


@dataclass(frozen=True)
class Measured:
    """The stores at one work of ``manage.py benchmark``."""

    work: str
    level: str = "library"
    clients: int = 1


@dataclass(frozen=True)
class Timed:
    """Contenders of ``make bench-features`` beside each other; ``why`` says what they show."""

    part: str
    case: str
    contenders: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Noted:
    """A figure that a document of the repository records; ``quotes`` stand there word for word (tested)."""

    statement: str
    document: str
    quotes: tuple[str, ...]


@dataclass(frozen=True)
class Unmeasured:
    """Nothing was measured here; what is said rests on a public source."""

    statement: str
    source: Source


Evidence = Measured | Timed | Noted | Unmeasured


@dataclass(frozen=True)
class Finding:
    """Evidence as it is shown.

    Attributes:
        kind: measured, recorded, public, or missing where the benchmark was not recorded.
        label: where it is from, for a link.
        document: the file in the repository that holds it, or empty.
        url: the public page, or empty.
        comparison: the measured figures, where ``kind`` is measured by ``manage.py benchmark``.
    """

    kind: str
    text: str
    label: str
    document: str = ""
    url: str = ""
    comparison: Comparison | None = None


def found(evidence: Evidence, figures: Figures) -> Finding:
    """What evidence says with these figures."""
    if isinstance(evidence, Measured):
        return _measured(evidence, figures)
    if isinstance(evidence, Timed):
        return _timed(evidence, figures)
    if isinstance(evidence, Noted):
        return Finding("recorded", evidence.statement, evidence.document, document=evidence.document)
    text = f"Not measured here. {evidence.statement}"
    return Finding("public", text, evidence.source.title, url=evidence.source.url)


def deciding(best: StoreName, findings: Sequence[Finding], among: Collection[StoreName]) -> Comparison | None:
    """The first measured work at which the chosen store can be compared with others that could do it."""
    for finding in findings:
        comparison = finding.comparison.among(among) if finding.comparison else None
        if comparison and comparison.outcome(best) in ("won", "tied", "lost"):
            return comparison
    return None


def _measured(evidence: Measured, figures: Figures) -> Finding:
    comparison = figures.comparison(evidence.work, evidence.level, evidence.clients)
    if comparison is None:
        return Finding("missing", figures.trouble or "Not in the recorded benchmark.", "benchmark")
    text = f"{comparison.title} ({comparison.conditions}): {told(comparison)}"
    return Finding("measured", text, "benchmark", comparison=comparison)


def _timed(evidence: Timed, figures: Figures) -> Finding:
    rows = [(name, figures.timings.get((evidence.part, evidence.case, name))) for name in evidence.contenders]
    there = [(name, milliseconds(timing.p50)) for name, timing in rows if timing is not None]
    shown = [f"{name} {took}" if len(there) > 1 else took for name, took in there]
    if not shown:
        return Finding("missing", f"{evidence.case} is not recorded: run `make bench-features`.", FEATURES)
    text = f"{evidence.why}: {', '.join(shown)} at p50."
    return Finding("recorded", text, FEATURES, document=FEATURES)
