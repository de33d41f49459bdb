"""The page of the chooser."""

import shlex
from dataclasses import dataclass

from analysis.charts.store_bars import StoreBar
from analysis.choosing.chooser import Choice, Ranked, choose
from analysis.choosing.evidence import Finding, Measured, found
from analysis.choosing.figures import Figures
from analysis.choosing.matrix import MatrixRow, matrix_rows
from analysis.choosing.questions import Answers, wishes
from analysis.stats.numbers import signed_number

SHOWN_CASES = 3
KEY_READS = (Measured("key_value_read"), Measured("key_value_read", "driver"))


@dataclass(frozen=True)
class ChoicePage:
    """An explained answer.

    Attributes:
        bars: the points of the stores that are not ruled out.
        findings: what was measured of key reads, where below a millisecond is asked for.
        cases: the use cases that ask most nearly the same.
        command: the same on a terminal.
    """

    choice: Choice
    bars: tuple[StoreBar, ...]
    findings: tuple[Finding, ...]
    cases: tuple[MatrixRow, ...]
    command: str


def choice_page(given: Answers, figures: Figures) -> ChoicePage:
    """The answer to at least one answer given, shaped for the page; asks no store."""
    choice = choose(given)
    is_fast = "below-1-ms" in given.get("latency", ())
    return ChoicePage(
        choice=choice,
        bars=tuple(_bar(each) for each in choice.ranked),
        findings=tuple(found(each, figures) for each in KEY_READS) if is_fast else (),
        cases=_nearest(given, figures),
        command=command_of(given),
    )


def command_of(given: Answers) -> str:
    """``manage.py choose_store`` with these answers."""
    words = [f"--{slug} {shlex.quote(answer)}" for slug, chosen in given.items() for answer in chosen]
    return " ".join(("manage.py choose_store", *words))


def _bar(ranked: Ranked) -> StoreBar:
    return StoreBar(ranked.store.name.value, ranked.store.title, ranked.points, signed_number(ranked.points))


def _nearest(given: Answers, figures: Figures) -> tuple[MatrixRow, ...]:
    """Use cases of the same shape (or of any, where none was given) that share most answers."""
    wanted = wishes(given)
    shape = given.get("shape")
    alike = [row for row in matrix_rows(figures) if shape in (None, row.case.asks["shape"])]
    asked = [(row, wishes(row.case.asks)) for row in alike]
    rows = [(len(wanted & each) / len(wanted | each), row) for row, each in asked]
    near = sorted((each for each in rows if each[0] > 0), key=lambda each: -each[0])
    return tuple(row for _, row in near[:SHOWN_CASES])
