"""From seconds to figures, and from figures to targets reached or not."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.benchmarks.environment import percentiles

OURS, ROWS, FEAST = "ours", "ours, as rows", "Feast's SDK"
BARE, BARE_MGET, SOCKET = "bare pipeline of GET", "bare MGET", "socket alone"
PACKED, HASH, COMBINED = "layout: packed", "layout: hash", "layout: hash of packed"
BARE_HASH = "bare pipeline of HMGET"
ORM, CACHE_API = "ORM", "cache API"
READ, WRITE, HTTP, SERVING = "read", "write", "http", "serving"


@dataclass(frozen=True)
class Timing:
    """Calls of one kind over all rounds: milliseconds of a call, and the median of the rounds' rates."""

    p50: float
    p95: float
    p99: float
    rate: float
    calls: int


@dataclass(frozen=True)
class Row:
    """One contender in one case of one part."""

    part: str
    case: str
    contender: str
    timing: Timing


@dataclass(frozen=True)
class Target:
    """A figure that must be reached; ``found`` is None where it was not measured."""

    title: str
    asked: str
    found: float | None
    is_reached: bool | None


def timing(rounds: Sequence[Sequence[float]], *, walls: Sequence[float] = ()) -> Timing:
    """The figures of one contender.

    Args:
        rounds: seconds of each call, a list a round.
        walls: seconds of each whole round, where its calls ran side by side.
    """
    whole = walls or [sum(each) for each in rounds]
    rates = [len(each) / seconds for each, seconds in zip(rounds, whole, strict=True)]
    every = [second * 1_000 for each in rounds for second in each]
    return Timing(**percentiles(every), rate=statistics.median(rates), calls=len(every))


def targets(rows: Sequence[Row]) -> list[Target]:
    """What issue 5 asks, and what was found."""
    one, many = found_of(rows, READ, "1 x 10"), found_of(rows, READ, "100 x 50")
    http, serving = found_of(rows, HTTP, "10 x 50, 4 clients"), found_of(rows, SERVING, "cached prediction")
    keys = found_of(rows, SERVING, "simple key read")
    return [
        _at_most("read 1 x 10: p50 of ours to a bare pipeline", 1.3, _times(one, OURS, BARE, "p50")),
        _at_least("read 100 x 50: rate of ours to Feast's SDK", 6, _times(many, OURS, FEAST, "rate")),
        _below("HTTP, 10 x 50, 4 clients: p99 in ms", 10, http[OURS].p99 if OURS in http else None),
        _below("cached prediction: p50 in ms", 1, serving[OURS].p50 if OURS in serving else None),
        _at_least("simple key read: rate of the cache to the ORM", 5, _times(keys, CACHE_API, ORM, "rate")),
    ]


def found_of(rows: Sequence[Row], part: str, case: str) -> dict[str, Timing]:
    """Every contender's figures in a case."""
    return {row.contender: row.timing for row in rows if (row.part, row.case) == (part, case)}


def _times(figures: Mapping[str, Timing], ours: str, other: str, figure: str) -> float | None:
    if ours not in figures or other not in figures:
        return None
    return float(getattr(figures[ours], figure) / getattr(figures[other], figure))


def _at_most(title: str, limit: float, value: float | None) -> Target:
    return Target(title, f"≤ {limit:g} x", value, None if value is None else value <= limit)


def _at_least(title: str, limit: float, value: float | None) -> Target:
    return Target(title, f"≥ {limit:g} x", value, None if value is None else value >= limit)


def _below(title: str, limit: float, value: float | None) -> Target:
    return Target(title, f"< {limit:g} ms", value, None if value is None else value < limit)
