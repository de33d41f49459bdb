"""From answers to stores, best first, each point with its reason. The same answers, the same choice."""

from collections.abc import Iterator
from dataclasses import dataclass

from .catalog import STORES
from .limits import Conflict, Exclusion, conflicts, exclusions
from .questions import BY_SLUG, Answers
from .rules import RULES
from .stores import Store, StoreName


@dataclass(frozen=True)
class Contribution:
    """What one answer said of a store."""

    question: str
    words: str
    points: int
    reason: str


@dataclass(frozen=True)
class Ranked:
    """A store with its points; ``excluded`` are the reasons that rule it out."""

    store: Store
    points: int
    contributions: tuple[Contribution, ...]
    excluded: tuple[str, ...]


@dataclass(frozen=True)
class Choice:
    """The answer of the chooser.

    Attributes:
        answers: question and answer in words, as they were understood.
        ranked: the stores that are not ruled out, best first.
        ruled_out: the others, by their points.
        conflicts: wishes that no single store meets, each with a way out.
        missed: a store with more points than the first that operations alone rule out; None where none is.
    """

    answers: tuple[tuple[str, tuple[str, ...]], ...]
    ranked: tuple[Ranked, ...]
    ruled_out: tuple[Ranked, ...]
    conflicts: tuple[Conflict, ...]
    missed: Ranked | None

    @property
    def best(self) -> Ranked:
        """The first choice: PostgreSQL, files or MongoDB are never all ruled out."""
        return self.ranked[0]

    @property
    def is_close(self) -> bool:
        """Whether the second one is within two points: then what the team knows best decides."""
        return len(self.ranked) > 1 and self.ranked[0].points - self.ranked[1].points <= CLOSE

    @property
    def inside(self) -> str:
        """What to use inside this platform where the best store, or one that was missed, is not run by it."""
        return self.missed.store.instead if self.missed else self.best.store.instead


CLOSE = 2


def choose(given: Answers) -> Choice:
    """Rank all stores by checked answers (:func:`analysis.choosing.questions.answers`)."""
    ruled = exclusions(given)
    every = sorted(
        (_ranked(store, given, ruled) for store in STORES.values()),
        key=lambda each: (-each.points, _place(each)),
    )
    ranked = tuple(each for each in every if not each.excluded)
    return Choice(
        answers=tuple(_in_words(given)),
        ranked=ranked,
        ruled_out=tuple(each for each in every if each.excluded),
        conflicts=tuple(conflicts(given)),
        missed=_missed(every, ranked[0], ruled),
    )


def _ranked(store: Store, given: Answers, ruled: list[Exclusion]) -> Ranked:
    contributions = tuple(_contributions(store.name, given))
    excluded = tuple(dict.fromkeys(each.reason for each in ruled if each.store is store.name))
    return Ranked(store, sum(each.points for each in contributions), contributions, excluded)


def _contributions(store: StoreName, given: Answers) -> Iterator[Contribution]:
    for slug, chosen in given.items():
        for answer in chosen:
            words = BY_SLUG[slug].words_of(answer)
            for weight in RULES[slug].get(answer, ()):
                if weight.store is store and weight.points:
                    yield Contribution(slug, words, weight.points, weight.reason)


def _missed(every: list[Ranked], best: Ranked, ruled: list[Exclusion]) -> Ranked | None:
    """The best store that only the lack of hands rules out."""
    for each in every:
        why = {exclusion.question for exclusion in ruled if exclusion.store is each.store.name}
        if why == {"operations"} and each.points > best.points:
            return each
    return None


def _in_words(given: Answers) -> Iterator[tuple[str, tuple[str, ...]]]:
    for slug, chosen in given.items():
        question = BY_SLUG[slug]
        yield question.words, tuple(question.words_of(each) for each in chosen)


def _place(ranked: Ranked) -> int:
    return list(STORES).index(ranked.store.name)
