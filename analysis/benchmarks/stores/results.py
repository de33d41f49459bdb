"""From timed rounds to figures, winners, ties and what is said of key reads."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from analysis.benchmarks.environment import percentiles

from .recorded import TIE, KeyReads, StoreFigure, Winner, failing, left_out
from .works import (
    CLIENTS,
    DRIVER,
    KEY_VALUE_READ,
    LEVELS,
    LIBRARY,
    MONGODB,
    POSTGRESQL,
    REDIS,
    STORES,
    TITLES,
    WORKS,
)

X = "\N{MULTIPLICATION SIGN}"
ASKED_AT_LIBRARY = 5.0  # the cache API against the ORM


@dataclass(frozen=True)
class Round:
    """One stretch of one way: operations a second by all clients, each operation's time, and failures."""

    per_second: float
    microseconds: Sequence[int]
    failures: Sequence[str] = ()


@dataclass(frozen=True)
class Series:
    """All rounds of one way of doing one work by so many clients."""

    work: str
    level: str
    store: str
    way: str
    clients: int
    durability: str = ""
    is_counted: bool = True
    not_offered: str = ""
    rounds: list[Round] = field(default_factory=list)

    @property
    def items(self) -> int:
        """Items of an operation."""
        return WORKS[self.work].levels[self.level]


def figure(series: Series) -> StoreFigure:
    """The figures of a series."""
    times = [each / 1_000 for part in series.rounds for each in part.microseconds]
    cuts = percentiles(times) if times else dict.fromkeys(("p50", "p95", "p99"), 0.0)
    rates = [part.per_second for part in series.rounds]
    return StoreFigure(
        work=series.work,
        title=WORKS[series.work].title,
        level=series.level,
        store=series.store,
        way=series.way,
        clients=series.clients,
        operations=len(times),
        items_per_operation=series.items,
        per_second=round(statistics.median(rates) * series.items, 1) if times else 0.0,
        **{f"{name}_ms": round(cut, 4) for name, cut in cuts.items()},
        spread=round(spread(rates), 4),
        durability=series.durability,
        is_counted=series.is_counted,
        failed=sum(len(part.failures) for part in series.rounds),
        error=series.not_offered or _failures(series, len(times)),
    )


def spread(rates: Sequence[float]) -> float:
    """How far the middle half of these lie apart, as a share of their median; 0 for one."""
    if len(rates) < 2 or not statistics.median(rates):  # noqa: PLR2004 (a spread takes two)
        return 0.0
    low, middle, high = statistics.quantiles(rates, n=4, method="inclusive")
    return (high - low) / middle


def winners(figures: Sequence[StoreFigure]) -> tuple[Winner, ...]:
    """Of every work, level and number of clients."""
    cases = dict.fromkeys((each.work, each.level, each.clients) for each in figures)
    return tuple(_winner(case, found, figures) for case in cases if (found := fastest(figures, *case)))


def fastest(figures: Sequence[StoreFigure], work: str, level: str, clients: int) -> list[StoreFigure]:
    """Each store's fastest way that counts, best first."""
    best: dict[str, StoreFigure] = {}
    for each in figures:
        is_asked = (each.work, each.level, each.clients) == (work, level, clients)
        if is_asked and each.may_win and each.store in STORES:
            stands = best.get(each.store)
            best[each.store] = each if stands is None or stands.per_second < each.per_second else stands
    return sorted(best.values(), key=lambda each: -each.per_second)


def key_reads(figures: Sequence[StoreFigure]) -> Iterator[KeyReads]:
    """How Redis stands in reading a value by its key, a sentence a level and number of clients."""
    for level in LEVELS:
        for clients in CLIENTS:
            found = {each.store: each for each in fastest(figures, KEY_VALUE_READ, level, clients)}
            if len(found) < len(STORES):
                continue
            redis, to_postgresql = found[REDIS], _times(found[REDIS], found[POSTGRESQL])
            to_mongodb = _times(redis, found[MONGODB])
            said = f"{_where(level, clients)}, Redis reads {redis.per_second:,.0f} values a second by key:"
            said += f" {_against(redis, found[POSTGRESQL])}, {_against(redis, found[MONGODB])}"
            said += _target(figures, found[POSTGRESQL])
            yield KeyReads(level, clients, round(to_postgresql, 2), round(to_mongodb, 2), f"{said}.")


def _winner(
    case: tuple[str, str, int], found: Sequence[StoreFigure], figures: Sequence[StoreFigure]
) -> Winner:
    work, level, clients = case
    leader = found[0]
    ratios = {each.store: round(leader.per_second / each.per_second, 2) for each in found}
    second = found[1] if len(found) > 1 else None
    ratio = _times(leader, second) if second else 1.0
    is_tie = second is not None and _is_tie(leader, second)
    return Winner(
        work=work,
        level=level,
        clients=clients,
        winner=TIE if is_tie else leader.store,
        leader=leader.store,
        second=second.store if second else "",
        ratio_to_second=round(ratio, 2),
        ratios=ratios,
        sentence=_sentence(found, ratio, is_tie=is_tie) + _failed(left_out(figures, *case)),
    )


def _sentence(found: Sequence[StoreFigure], ratio: float, *, is_tie: bool) -> str:
    names = [TITLES[each.store] for each in found]
    if len(found) == 1:
        return f"{names[0]} alone has a figure."
    if is_tie:
        return (
            f"A tie of {names[0]} and {names[1]}: the lead of {ratio:.2f} {X} is within the rounds' spread."
        )
    others = [
        f"{_times(found[0], each):.1f} {X} {name}" for each, name in zip(found[1:], names[1:], strict=True)
    ]
    return f"{names[0]} wins: {' and '.join(others)}."


def _failed(ways: Sequence[StoreFigure]) -> str:
    return f" Left out: {', '.join(map(failing, ways))}." if ways else ""


def _times(leader: StoreFigure, other: StoreFigure) -> float:
    return leader.per_second / other.per_second


def _is_tie(one: StoreFigure, other: StoreFigure) -> bool:
    """Whether the lead is no larger than what a store differs from itself between rounds."""
    ratio = _times(one, other)
    return max(ratio, 1 / ratio) - 1 <= max(one.spread, other.spread)


def _where(level: str, clients: int) -> str:
    who = "one client" if clients == 1 else f"{clients} clients"
    how = {DRIVER: "By the bare drivers", LIBRARY: "Through the libraries"}.get(level, "A hundred at once")
    return f"{how}, {who}"


def _against(redis: StoreFigure, other: StoreFigure) -> str:
    ratio, name = _times(redis, other), TITLES[other.store]
    if _is_tie(redis, other):
        return f"a tie with {name} ({ratio:.2f} {X}, within the rounds' spread)"
    return f"{ratio:.1f} {X} as fast as {name}" if ratio > 1 else f"slower than {name} ({ratio:.2f} {X})"


def _target(figures: Sequence[StoreFigure], orm: StoreFigure) -> str:
    """What is asked of the cache API against the ORM, for each way to the cache."""
    if orm.level != LIBRARY:
        return ""
    told = []
    for each in figures:
        asked = (orm.work, orm.level, orm.clients, REDIS)
        if (each.work, each.level, each.clients, each.store) == asked and each.may_win:
            ratio = _times(each, orm)
            word = "reached" if ratio >= ASKED_AT_LIBRARY else "not reached"
            told.append(f"{each.way} {ratio:.1f} {X} ({word})")
    return f"; asked of a cache against the ORM are {ASKED_AT_LIBRARY:g} {X}: {', '.join(told)}"


def _failures(series: Series, operations: int) -> str:
    told = [each for part in series.rounds for each in part.failures]
    return f"{len(told)} of {operations + len(told)} operations failed, such as: {told[0]}" if told else ""
