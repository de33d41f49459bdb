"""The colour of a segment, the same on every page."""

LOOKS = {"vip": 3, "active": 2, "at_risk": 1, "dormant": 7}
"""Of the charts' colours (``c0`` to ``c7``)."""
OTHER = 5


def segment_look(name: str) -> int:
    """A segment that has no colour of its own shares one."""
    return LOOKS.get(name, OTHER)
