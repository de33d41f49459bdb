"""What an import found wrong: counted by kind, the first of them kept."""

from collections import Counter
from dataclasses import dataclass, field

from .records import NO_FAILURES, Problem

KEPT = 10_000
SOURCE = "source"
NOTES = ("parent", *NO_FAILURES)
"""Kinds that refuse nothing: the thing is imported without what was wrong."""


TEXTS = ("place", "cause", "cure", "kind", "source_id")
LONGEST = 2_000


def shown(text: str) -> str:
    """A text of somebody else's that can be printed and stored: nothing moves a cursor, nothing is NUL."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text[:LONGEST]
    )


@dataclass
class Findings:
    """All problems of an import; memory holds the first ten thousand, the counts tell of all."""

    counts: Counter[str] = field(default_factory=Counter)
    kept: list[Problem] = field(default_factory=list)
    refused: dict[str, set[str]] = field(default_factory=dict)

    def add(self, problem: Problem) -> None:
        """Note a problem; what it names is refused."""
        self.counts[problem.kind] += 1
        if len(self.kept) < KEPT:
            self.kept.append(Problem(*(shown(getattr(problem, name)) for name in TEXTS)))
        if problem.kind not in NOTES:
            self.refused.setdefault(problem.kind, set()).add(problem.source_id)

    def is_refused(self, kind: str, source_id: str) -> bool:
        """Whether this very thing is refused."""
        return source_id in self.refused.get(kind, ())

    @property
    def has_problems(self) -> bool:
        """Whether anything is wrong; what is left out, or purged since, is not."""
        return self.counts.total() > sum(self.counts[kind] for kind in NO_FAILURES)

    @property
    def is_fatal(self) -> bool:
        """Whether the source as a whole can't be imported."""
        return self.counts[SOURCE] > 0

    @property
    def left_out(self) -> int:
        """How many are counted only."""
        return self.counts.total() - len(self.kept)
