"""The decision matrix: use cases with what the recorded figures say of each choice."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from .catalog import STORES, titles
from .chooser import choose
from .comparing import Comparison, times
from .evidence import Finding, deciding, found
from .figures import Figures
from .stores import Store
from .use_cases import USE_CASES, UseCase

AGREE, LEVEL, DISAGREE = "figures agree", "a tie", "figures disagree"
UNDECIDED, GUARANTEES = "not measured", "guarantees decide"


@dataclass(frozen=True)
class MatrixRow:
    """One use case with its evidence looked up.

    Attributes:
        verdict: ``won``, ``tied``, ``lost`` or nothing: how the best choice did at the first measured work,
            among the stores that the case's answers don't rule out.
        said: that in a sentence, which weighs a lost race by what decides the case.
        address: the query string that asks the chooser the same.
    """

    case: UseCase
    best: Store
    second: Store
    findings: tuple[Finding, ...]
    verdict: str
    said: str
    address: str

    @property
    def verdict_word(self) -> str:
        """The verdict as a chip shows it: a lost race counts only where speed decides."""
        if self.verdict in ("won", "tied"):
            return AGREE if self.verdict == "won" else LEVEL
        if not self.case.is_about_speed:
            return GUARANTEES
        return DISAGREE if self.verdict == "lost" else UNDECIDED


def matrix_rows(figures: Figures, cases: Sequence[UseCase] = USE_CASES) -> tuple[MatrixRow, ...]:
    """All use cases, in their order."""
    return tuple(_row(case, figures) for case in cases)


def _row(case: UseCase, figures: Figures) -> MatrixRow:
    findings = tuple(found(each, figures) for each in case.evidence)
    able = [ranked.store.name for ranked in choose(case.asks).ranked]
    comparison = deciding(case.best, findings, able)
    return MatrixRow(
        case=case,
        best=STORES[case.best],
        second=STORES[case.second],
        findings=findings,
        verdict=comparison.outcome(case.best) if comparison else "",
        said=_compared(case, comparison) if comparison else _uncompared(case),
        address=urlencode(case.asks, doseq=True),
    )


def _compared(case: UseCase, comparison: Comparison) -> str:
    title, outcome = STORES[case.best].title, comparison.outcome(case.best)
    who = titles(*(each.store for each in comparison.standings))
    work = comparison.title[0].lower() + comparison.title[1:]
    if outcome == "won":
        behind = comparison.standings[1]
        return (
            f"Of {who}, which can do it, {title} is fastest: {times(behind.times)} {behind.title} ({work})."
        )
    if outcome == "tied":
        return (
            f"Of {who}, which can do it, {title} is among the first ({work}); the lead is within the spread."
        )
    lead = f"{comparison.leader.title} is {_ahead(case, comparison)} as fast ({work})"
    if case.is_about_speed:
        return f"These figures do not bear it out: {lead}, and speed decides. Measure before you follow it."
    return f"{lead}. {title} is chosen for what it guarantees, not for speed."


def _ahead(case: UseCase, comparison: Comparison) -> str:
    standing = comparison.of(case.best)
    return times(standing.times) if standing else ""


def _uncompared(case: UseCase) -> str:
    if case.is_about_speed:
        return "Speed would decide here, and nothing was recorded that tells it."
    return "No recorded work compares stores that can do this; guarantees decide."
