"""The recorded figures, as the benchmark writes them and pages read them."""

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from .works import TITLES

SCHEMA = 2
MOST_FAILED = 0.01  # share of operations above which a way is no answer to anything
NAME = "stores"
COMMAND = "make bench-stores"
TIE = "tie"


class UnreadableResultsError(Exception):
    """There are no recorded figures, or they are of another version; says which command makes new ones."""


@dataclass(frozen=True)
class StoreFigure:
    """One way of doing one work.

    Attributes:
        way: how, such as ``psycopg2, prepared``.
        operations: that were timed, over all rounds and clients.
        per_second: items a second by all clients together, the median of the rounds.
        p50_ms: of an operation of ``items_per_operation`` items, as are p95 and p99.
        spread: how far the middle half of the rounds' rates lie apart, as a share of their median.
        durability: what an acknowledged write survives; empty for reads.
        is_counted: whether it is a contender, and not there to compare alone.
        failed: operations that failed; they are not among ``operations``.
        error: why there are no figures, or how many operations failed; empty where all is well.
    """

    work: str
    title: str
    level: str
    store: str
    way: str
    clients: int
    operations: int
    items_per_operation: int
    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    spread: float = 0.0
    durability: str = ""
    is_counted: bool = True
    failed: int = 0
    error: str = ""

    @property
    def failed_share(self) -> float:
        """Of all operations that were begun."""
        return self.failed / max(1, self.operations + self.failed)

    @property
    def may_win(self) -> bool:
        """Whether it is a contender, was measured and did not fail more often than ``MOST_FAILED``."""
        return self.is_counted and bool(self.operations) and self.failed_share <= MOST_FAILED


@dataclass(frozen=True)
class Winner:
    """Who did most in a second, each store by its fastest way.

    Attributes:
        winner: the store, or ``tie`` where the lead is no larger than the rounds' spread.
        leader: the store with the highest figure, also in a tie.
        second: the next one; empty where no other offers this.
        ratio_to_second: the leader's rate by the second's; 1 where there is none.
        ratios: the leader's rate by each store's.
        sentence: the same in words.
    """

    work: str
    level: str
    clients: int
    winner: str
    leader: str
    second: str
    ratio_to_second: float
    ratios: Mapping[str, float]
    sentence: str


@dataclass(frozen=True)
class KeyReads:
    """By how much Redis is ahead in reading a value by its key (below 1: behind)."""

    level: str
    clients: int
    redis_vs_postgresql: float
    redis_vs_mongodb: float
    statement: str


@dataclass(frozen=True)
class StoreBenchmark:
    """One recording. ``notes``: sentences by work on what the figures alone don't say."""

    recorded_at: str
    environment: Mapping[str, Any]
    settings: Mapping[str, Any]
    results: tuple[StoreFigure, ...]
    winners: tuple[Winner, ...]
    key_reads: tuple[KeyReads, ...]
    notes: Mapping[str, str]

    def figure(self, work: str, level: str, store: str, clients: int) -> StoreFigure | None:
        """A store's fastest way; None where it was not measured, not offered, or failed too often."""
        found = [
            each
            for each in self.results
            if (each.work, each.level, each.store, each.clients) == (work, level, store, clients)
            and each.may_win
        ]
        return max(found, key=lambda each: each.per_second, default=None)

    def left_out(self, work: str, level: str, clients: int) -> tuple[StoreFigure, ...]:
        """Ways that can't win since they failed too often."""
        return left_out(self.results, work, level, clients)

    def winner(self, work: str, level: str, clients: int) -> Winner | None:
        """Who won; None where it was not measured."""
        asked = (work, level, clients)
        return next((each for each in self.winners if (each.work, each.level, each.clients) == asked), None)


def left_out(figures: Iterable[StoreFigure], work: str, level: str, clients: int) -> tuple[StoreFigure, ...]:
    """Ways of these that can't win since they failed too often."""
    return tuple(
        each
        for each in figures
        if (each.work, each.level, each.clients) == (work, level, clients)
        and each.is_counted
        and each.failed_share > MOST_FAILED
    )


def failing(figure: StoreFigure) -> str:
    """Such a way in words."""
    return f"{TITLES[figure.store]} by {figure.way} ({figure.failed_share:.0%} of its operations failed)"


def recorded_results(path: Path) -> StoreBenchmark:
    """Read ``stores.json``.

    Raises:
        UnreadableResultsError: it is missing, broken, or of another schema.
    """
    try:
        body = orjson.loads(path.read_bytes())
    except OSError as error:
        raise _unreadable(f"{path.name} can't be read ({error.strerror})") from error
    except orjson.JSONDecodeError as error:
        raise _unreadable(f"{path.name} is no JSON") from error
    found = body.get("schema") if isinstance(body, dict) else None
    if found != SCHEMA:
        raise _unreadable(f"{path.name} has schema {found}, not {SCHEMA}")
    try:
        return _benchmark(body)
    except (KeyError, TypeError, AttributeError) as error:
        raise _unreadable(f"{path.name} lacks parts or has unknown ones ({error})") from error


def as_json(benchmark: StoreBenchmark) -> bytes:
    """The contents of ``stores.json``."""
    body = {"schema": SCHEMA, **dataclasses.asdict(benchmark)}
    return orjson.dumps(body, option=orjson.OPT_INDENT_2) + b"\n"


def _benchmark(body: Mapping[str, Any]) -> StoreBenchmark:
    return StoreBenchmark(
        recorded_at=body["recorded_at"],
        environment=dict(body["environment"]),
        settings=dict(body["settings"]),
        results=tuple(StoreFigure(**each) for each in body["results"]),
        winners=tuple(Winner(**each) for each in body["winners"]),
        key_reads=tuple(KeyReads(**each) for each in body["key_reads"]),
        notes=dict(body["notes"]),
    )


def _unreadable(problem: str) -> UnreadableResultsError:
    return UnreadableResultsError(f"{problem}. Record the figures anew: {COMMAND}.")
