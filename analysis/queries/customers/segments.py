"""Segments with their colours."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.queries.customers.looks import segment_look
from features.queries.segments import Segment


@dataclass(frozen=True, slots=True)
class SegmentLine:
    """A segment with its colour."""

    segment: Segment
    look: int


def segment_lines(found: Sequence[Segment]) -> list[SegmentLine]:
    """A line for each, in their order."""
    return [SegmentLine(each, segment_look(each.name)) for each in found]
