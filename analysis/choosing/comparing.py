"""One work, level and number of clients: the stores beside each other, and what their figures say."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from analysis.benchmarks.stores import TITLES, WORKS, StoreBenchmark, StoreFigure, Winner
from analysis.benchmarks.stores.recorded import TIE, failing

from .stores import StoreName

LEVELS = {"driver": "bare driver", "library": "ORM, ODM and cache API", "batched": "batched"}
SIGN = "\N{MULTIPLICATION SIGN}"
RUN_HERE = (StoreName.POSTGRESQL, StoreName.MONGODB, StoreName.REDIS)


@dataclass(frozen=True)
class Standing:
    """One store's fastest way.

    Attributes:
        spread: how far the middle half of its rounds lie apart, as a share of their median.
        times: how many times its rate the leader's is; 1 for the leader.
    """

    store: StoreName
    title: str
    way: str
    per_second: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    spread: float
    times: float


@dataclass(frozen=True)
class Comparison:
    """Stores at the same work, the fastest first.

    Attributes:
        tied: the stores whose rates can't be told apart, the leader among them; empty where one won.
        absent: stores without a figure, and why.
        failing: stores' ways that can't win since they failed too often, in words.
    """

    work: str
    title: str
    level: str
    clients: int
    standings: tuple[Standing, ...]
    tied: tuple[StoreName, ...] = ()
    absent: tuple[tuple[str, str], ...] = ()
    failing: tuple[tuple[StoreName, str], ...] = ()

    @property
    def conditions(self) -> str:
        """The level and the clients: ``bare driver, 8 clients``."""
        return f"{LEVELS[self.level]}, {self.clients} client{'' if self.clients == 1 else 's'}"

    @property
    def anchor(self) -> str:
        """Where the page of the benchmark shows it."""
        return f"{self.work}-{self.level}-{self.clients}".replace("_", "-")

    @property
    def leader(self) -> Standing:
        """The one with the highest rate, also in a tie."""
        return self.standings[0]

    def of(self, store: StoreName) -> Standing | None:
        """A store's figures, where it has some."""
        return next((each for each in self.standings if each.store is store), None)

    def among(self, stores: Collection[StoreName]) -> "Comparison":
        """The same among some stores alone; those without a figure are left out."""
        kept = [each for each in self.standings if each.store in stores]
        failing = tuple(each for each in self.failing if each[0] in stores)
        if len(kept) == len(self.standings):
            return replace(self, failing=failing)
        if not kept:
            return replace(self, standings=(), tied=(), failing=failing)
        best = kept[0].times
        standings = tuple(replace(each, times=each.times / best) for each in kept)
        return replace(self, standings=standings, tied=_tied(standings), failing=failing)

    def outcome(self, store: StoreName) -> str:
        """How a store did: ``won``, ``tied``, ``lost``, ``absent``; ``alone`` where no other has a figure."""
        if self.of(store) is None:
            return "absent"
        if len(self.standings) == 1:
            return "alone"
        if self.tied:
            return "tied" if store in self.tied else "lost"
        return "won" if self.leader.store is store else "lost"


def comparisons(benchmark: StoreBenchmark) -> list[Comparison]:
    """Everything that was measured, in the recorded order."""
    return [_comparison(benchmark, winner) for winner in benchmark.winners]


def told(comparison: Comparison) -> str:
    """Who is ahead by how much, and which ways failed too often to count: made of the figures alone."""
    failing = ", ".join(said for _, said in comparison.failing)
    return _ahead(comparison) + (f" Left out: {failing}." if failing else "")


def _ahead(comparison: Comparison) -> str:
    leader = comparison.leader
    figure = f"{leader.per_second:,.0f}/s, p50 {milliseconds(leader.p50_ms)}"
    if len(comparison.standings) == 1:
        return f"{leader.title} alone gave a figure: {figure}."
    if comparison.tied:
        close = [each for each in comparison.standings if each.store in comparison.tied]
        rest = [each for each in comparison.standings if each.store not in comparison.tied]
        names = " and ".join(each.title for each in close)
        return f"{names} can't be told apart ({figure})" + (f"; {_behind(rest)}." if rest else ".")
    return f"{leader.title} is fastest ({figure}): {_behind(comparison.standings[1:])}."


def milliseconds(value: float) -> str:
    """A time with three significant digits: ``0.0421 ms``, ``12.4 ms``, ``310 ms``."""
    return f"{value:.3g} ms" if value < 100 else f"{value:,.0f} ms"  # noqa: PLR2004 (where digits end)


def times(value: float) -> str:
    """A ratio with its sign, with one decimal below ten: 5.1, 68."""
    return f"{value:.1f} {SIGN}" if value < 10 else f"{value:,.0f} {SIGN}"  # noqa: PLR2004 (where digits end)


def _behind(rest: Sequence[Standing]) -> str:
    return ", ".join(f"{times(each.times)} {each.title} ({each.per_second:,.0f}/s)" for each in rest)


def _comparison(benchmark: StoreBenchmark, winner: Winner) -> Comparison:
    found = {
        store: benchmark.figure(winner.work, winner.level, store.value, winner.clients) for store in RUN_HERE
    }
    rates = sorted((each for each in found.values() if each), key=lambda each: -each.per_second)
    close = (winner.leader, winner.second) if winner.winner == TIE else ()
    return Comparison(
        work=winner.work,
        title=WORKS[winner.work].title if winner.work in WORKS else winner.work,
        level=winner.level,
        clients=winner.clients,
        standings=tuple(_standing(each, rates[0].per_second) for each in rates),
        tied=tuple(StoreName(each) for each in close),
        absent=tuple(
            (TITLES[store.value], _why(benchmark, winner, store))
            for store, each in found.items()
            if each is None
        ),
        failing=tuple(
            (StoreName(each.store), failing(each))
            for each in benchmark.left_out(winner.work, winner.level, winner.clients)
            if each.store in RUN_HERE
        ),
    )


def _tied(standings: Sequence[Standing]) -> tuple[StoreName, ...]:
    """The first two, where the lead is no larger than the spread of their rounds, as the benchmark has it."""
    first, *rest = standings
    if rest and rest[0].times - 1 <= max(first.spread, rest[0].spread):
        return (first.store, rest[0].store)
    return ()


def _standing(figure: StoreFigure, best: float) -> Standing:
    return Standing(
        store=StoreName(figure.store),
        title=TITLES[figure.store],
        way=figure.way,
        per_second=figure.per_second,
        p50_ms=figure.p50_ms,
        p95_ms=figure.p95_ms,
        p99_ms=figure.p99_ms,
        spread=figure.spread,
        times=best / figure.per_second,
    )


def _why(benchmark: StoreBenchmark, winner: Winner, store: StoreName) -> str:
    asked = (winner.work, winner.level, winner.clients, store.value)
    for each in benchmark.results:
        if (each.work, each.level, each.clients, each.store) == asked and each.error:
            return each.error
    return "not measured"
