"""Whose request is served first. Plain Python, no Django."""

from features.personalisation.maths.segments import SegmentName

PRIORITIES = {
    SegmentName.VIP: 9,
    SegmentName.AT_RISK: 8,  # a moment lost may be the customer
    SegmentName.ACTIVE: 6,
    SegmentName.DORMANT: 3,
}
UNKNOWN = 5
"""Of a customer who was never scored, such as one who has just come."""


def priority_of(segment: str) -> int:
    """0 to 9, 9 first; ``segment`` is empty where none is known."""
    return PRIORITIES[SegmentName(segment)] if segment in set(SegmentName) else UNKNOWN
