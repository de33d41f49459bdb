"""What the chooser asks, and what may be answered. Nothing has to be answered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Option:
    """One answer: its slug in addresses and commands, and its words."""

    slug: str
    words: str


@dataclass(frozen=True)
class Question:
    """One question; ``is_many`` where several answers may hold at once."""

    slug: str
    words: str
    options: tuple[Option, ...]
    is_many: bool = False

    @property
    def slugs(self) -> tuple[str, ...]:
        """Its answers' slugs, in order."""
        return tuple(option.slug for option in self.options)

    def words_of(self, slug: str) -> str:
        """An answer's words."""
        return next(option.words for option in self.options if option.slug == slug)


def _question(slug: str, words: str, /, **options: str) -> Question:
    pairs = tuple(Option(name.replace("_", "-"), text) for name, text in options.items())
    return Question(slug, words, pairs)


def _several(slug: str, words: str, /, **options: str) -> Question:
    return replace(_question(slug, words, **options), is_many=True)


QUESTIONS = (
    _question(
        "shape",
        "What does one piece of it look like?",
        rows="a row: known columns, rules between them",
        documents="a document: nested, each one different",
        key_value="a value under a key",
        events="an event: written once, with its time",
        points="a number at a time",
        graph="things and what joins them",
        files="a file: megabytes, written once",
    ),
    _several(
        "access",
        "How is it read?",
        key="by its key",
        range="by a range: between two ends, newest first",
        query="by questions nobody knows yet",
        joins="together with other tables",
        traversal="from hop to hop along relations",
        windows="by windows of time: means, rates, trends",
        text="by words in it",
        ranking="the best so many by a score",
        live="told at once when it changes",
    ),
    _question(
        "consistency",
        "What must be true after a write?",
        transactions="several records change together or not at all",
        record="one record at a time, and I read what I wrote",
        eventual="soon is enough",
    ),
    _question(
        "latency",
        "How soon must a read answer?",
        below_1_ms="below a millisecond",
        milliseconds="some milliseconds",
        seconds="seconds will do",
    ),
    _question(
        "volume",
        "How much will it be?",
        memory="it fits into memory",
        server="it fits onto one server's disks",
        cluster="more than one server holds",
    ),
    _question(
        "writes",
        "How much is written?",
        few="up to some hundred records a second",
        many="thousands a second, in batches",
        extreme="more than one server can take",
    ),
    _question(
        "retention",
        "How long does it live?",
        forever="for good",
        expires="minutes to days, each record with an end of its own",
        thins="old records are thinned out, summed up or dropped",
    ),
    _question(
        "loss",
        "What if it is lost?",
        never="it must not be: this is the only copy",
        rebuilt="it can be made again from elsewhere",
        acceptable="nobody minds",
    ),
    _question(
        "depth",
        "How far do relations reach?",
        none="there are none",
        few="one to three joins",
        many="many hops, how many is not known before",
    ),
    _question(
        "operations",
        "May another server be run for it?",
        none="no: what the platform runs must do",
        some="one more, if it is simple",
        dedicated="yes: there are people who run clusters",
    ),
)
BY_SLUG: Mapping[str, Question] = {question.slug: question for question in QUESTIONS}
Answers = Mapping[str, tuple[str, ...]]
Wishes = frozenset[tuple[str, str]]


def answers(**given: str | Iterable[str]) -> Answers:
    """Answers by their slugs, checked; questions and answers come in their own order.

    Raises:
        ValueError: Where a question or an answer is not known, or one answer was asked for and more came.
    """
    return {question.slug: chosen for question in QUESTIONS if (chosen := _chosen(question, given))}


def _chosen(question: Question, given: Mapping[str, str | Iterable[str]]) -> tuple[str, ...]:
    unknown = given.keys() - BY_SLUG.keys()
    if unknown:
        raise ValueError(f"There is no question “{min(unknown)}”.")
    value = given.get(question.slug, ())
    slugs = {value} if isinstance(value, str) else set(value)
    slugs.discard("")
    if wrong := slugs - set(question.slugs):
        raise ValueError(f"{question.slug} can't be “{min(wrong)}”; choose of {', '.join(question.slugs)}.")
    if len(slugs) > 1 and not question.is_many:
        raise ValueError(f"{question.slug} takes one answer.")
    return tuple(slug for slug in question.slugs if slug in slugs)


def wishes(given: Answers) -> Wishes:
    """Each answer with its question, in no order."""
    return frozenset((slug, answer) for slug, chosen in given.items() for answer in chosen)
