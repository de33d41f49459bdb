"""How the curves are drawn, as links: each leads to the same page drawn otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass

from .state import ComparisonState

SMOOTHINGS = ((0.0, "None"), (0.6, "Light"), (0.9, "Medium"), (0.97, "Heavy"))
ACROSS = (("step", "Step"), ("relative", "Relative time"), ("wall", "Clock"))
UP = (("linear", "Linear"), ("log", "Log"))


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to draw the curves."""

    label: str
    query: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Control:
    """Ways of which one is chosen."""

    label: str
    choices: Sequence[Choice]


def curve_controls(state: ComparisonState) -> list[Control]:
    """What is across, what is up, and how smooth the lines are."""
    smoothings = list(SMOOTHINGS)
    if state.smooth not in dict(smoothings):
        smoothings = sorted([*smoothings, (state.smooth, f"{state.smooth:g}")])
    return [
        Control("Across", [Choice(label, state.query(x=x), x == state.x) for x, label in ACROSS]),
        Control("Up", [Choice(label, state.query(y=y), y == state.y) for y, label in UP]),
        Control(
            "Smoothing",
            [
                Choice(label, state.query(smooth=weight), weight == state.smooth)
                for weight, label in smoothings
            ],
        ),
    ]
