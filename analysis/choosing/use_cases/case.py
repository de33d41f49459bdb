"""The form of a use case."""

from dataclasses import dataclass

from analysis.choosing.evidence import Evidence
from analysis.choosing.questions import Answers
from analysis.choosing.stores import StoreName


@dataclass(frozen=True)
class UseCase:
    """One thing that is kept, and where.

    Attributes:
        best: the first choice; the chooser comes to the same with ``asks`` (tested).
        second: what does it nearly as well, or better once things change.
        why: what decides, without any claim of speed: speeds are in the evidence.
        changes: what would lead to another answer.
        is_about_speed: whether the choice falls where the figures say otherwise; else guarantees decide.
        here: where this platform keeps it.
    """

    slug: str
    title: str
    best: StoreName
    second: StoreName
    why: str
    changes: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    asks: Answers
    here: str
    is_about_speed: bool = False
