"""Recorded benchmarks of our own making."""

from analysis.benchmarks.stores import StoreBenchmark, StoreFigure, Winner
from analysis.choosing.comparing import comparisons
from analysis.choosing.figures import Figures

STORES = ("postgresql", "mongodb", "redis")
WORKS = (
    "key_value_read", "simple_read", "simple_write", "simple_write_lax", "batch_read_100", "batch_write_100",
    "complex_query", "cached_page", "feature_vectors",
)  # fmt: skip


def figure(store: str, per_second: float, *, work: str, level: str, clients: int) -> StoreFigure:
    return StoreFigure(
        work=work, title=work, level=level, store=store, way=f"{store} way", clients=clients, operations=1_000,
        items_per_operation=1, per_second=per_second, p50_ms=1_000 / per_second, p95_ms=2_000 / per_second,
        p99_ms=3_000 / per_second,
    )  # fmt: skip


def winner(figures: list[StoreFigure], *, is_tie: bool = False) -> Winner:
    ordered = sorted(figures, key=lambda each: -each.per_second)
    first, second = ordered[0], ordered[1] if len(ordered) > 1 else None
    return Winner(
        work=first.work,
        level=first.level,
        clients=first.clients,
        winner="tie" if is_tie else first.store,
        leader=first.store,
        second=second.store if second else "",
        ratio_to_second=first.per_second / second.per_second if second else 1.0,
        ratios={each.store: first.per_second / each.per_second for each in ordered},
        sentence="",
    )


def benchmark(*, tied: bool = False, works: tuple[str, ...] = WORKS, **rates: float) -> StoreBenchmark:
    """Each work at each level with one and eight clients, all stores at these rates."""
    results, winners = [], []
    for work in works:
        for level in ("driver", "library", "batched"):
            for clients in (1, 8):
                here = [
                    figure(store, rate, work=work, level=level, clients=clients)
                    for store, rate in rates.items()
                ]
                results += here
                winners.append(winner(here, is_tie=tied))
    return StoreBenchmark(
        recorded_at="2026-11-21T18:00:00+00:00",
        environment={"cpus": 2, "python": "3.11.2"},
        settings={"rounds": 5, "seconds": 3},
        results=tuple(results),
        winners=tuple(winners),
        key_reads=(),
        notes={},
    )


def figures(**rates: float) -> Figures:
    made = benchmark(**rates)
    return Figures(made, tuple(comparisons(made)))


REDIS_FIRST = {"redis": 5_000.0, "postgresql": 1_000.0, "mongodb": 500.0}
REDIS_LAST = {"redis": 400.0, "postgresql": 1_000.0, "mongodb": 800.0}
