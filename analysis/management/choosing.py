"""The chooser's answer on a terminal, and as JSON."""

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.choosing.chooser import Choice, Contribution, Ranked
from analysis.choosing.questions import Answers
from analysis.stats.numbers import signed_number

REASONS_SHOWN = 2  # stores whose reasons are told; of the others the points are enough


def as_words(choice: Choice) -> Iterator[str]:
    """Lines that explain a choice."""
    yield f"Keep it in {choice.best.store.phrase}."
    yield from _inside(choice)
    for conflict in choice.conflicts:
        yield from ("", f"! {conflict.told}", f"  {conflict.advice}")
    for ranked in choice.ranked[:REASONS_SHOWN]:
        yield from ("", f"{ranked.store.title}: {signed_number(ranked.points)}")
        yield from (_line(each) for each in ranked.contributions)
    others = (f"{each.store.title} {signed_number(each.points)}" for each in choice.ranked[REASONS_SHOWN:])
    yield from ("", f"Behind them: {', '.join(others) or 'none'}")
    if choice.ruled_out:
        yield from ("", "Ruled out:")
        yield from (f"  {each.store.title}: {'; '.join(each.excluded)}" for each in choice.ruled_out)


def as_record(given: Answers, choice: Choice) -> Mapping[str, Any]:
    """The same for programs."""
    return {
        "answers": {slug: list(chosen) for slug, chosen in given.items()},
        "best": choice.best.store.name,
        "is_close": choice.is_close,
        "inside": choice.inside,
        "missed": choice.missed.store.name if choice.missed else None,
        "conflicts": [{"told": each.told, "advice": each.advice} for each in choice.conflicts],
        "ranked": [_record(each) for each in choice.ranked],
        "ruled_out": [_record(each) for each in choice.ruled_out],
    }


def _inside(choice: Choice) -> Iterator[str]:
    if choice.missed:
        missed = choice.missed.store.phrase
        yield f"By points it would be {missed}, but nobody may run one. Instead: {choice.inside}"
    elif choice.inside:
        yield f"The platform does not run one. Inside it: {choice.inside}"
    elif choice.is_close:
        yield f"{choice.ranked[1].store.title} is close behind: what the team knows best decides."


def _line(each: Contribution) -> str:
    return f"  {signed_number(each.points):>3}  {each.reason} ({each.words})"


def _record(ranked: Ranked) -> Mapping[str, Any]:
    return {
        "store": ranked.store.name,
        "points": ranked.points,
        "is_run_here": ranked.store.is_run,
        "excluded": list(ranked.excluded),
        "reasons": [
            {"question": each.question, "answer": each.words, "points": each.points, "reason": each.reason}
            for each in ranked.contributions
        ],
    }
