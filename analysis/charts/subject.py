"""Whom a line or a point is about."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Subject:
    """A run in a chart of runs.

    Attributes:
        label: Its name.
        mark: Its id; of a run in a group, the group's label.
        look: Colour, pattern and shape, 0 to 7.
        href: Its page.
    """

    label: str
    mark: str
    look: int
    href: str
