"""The page of the recorded benchmark."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from analysis.benchmarks.stores import WORKS
from analysis.charts.store_bars import StoreBar
from analysis.choosing.comparing import Comparison, Standing, times, told
from analysis.choosing.conditions import caution, flat
from analysis.choosing.figures import Figures


@dataclass(frozen=True)
class Race:
    """One comparison as it is drawn."""

    comparison: Comparison
    said: str
    bars: tuple[StoreBar, ...]


@dataclass(frozen=True)
class WorkSection:
    """One work at all its levels; ``note``: what the figures alone don't say."""

    work: str
    title: str
    says: str
    note: str
    races: tuple[Race, ...]


@dataclass(frozen=True)
class BenchmarkPage:
    """Everything ``/stores/benchmark/`` shows, but for the empty state."""

    recorded_at: str
    caution: str
    conditions: tuple[tuple[str, str], ...]
    key_reads: tuple[str, ...]
    sections: tuple[WorkSection, ...]


def benchmark_page(figures: Figures) -> BenchmarkPage | None:
    """The recorded benchmark, shaped for the page; None where none is recorded. Asks no store."""
    benchmark = figures.benchmark
    if benchmark is None:
        return None
    return BenchmarkPage(
        recorded_at=f"{benchmark.recorded_at[:16].replace('T', ' ')} UTC",
        caution=caution(benchmark),
        conditions=tuple(flat({**benchmark.environment, **benchmark.settings})),
        key_reads=tuple(each.statement for each in benchmark.key_reads),
        sections=tuple(_sections(figures, benchmark.notes)),
    )


def _sections(figures: Figures, notes: Mapping[str, str]) -> Iterator[WorkSection]:
    for name, each in groupby(figures.comparisons, key=lambda comparison: comparison.work):
        found = tuple(each)
        work = WORKS.get(name)
        races = tuple(Race(comparison, told(comparison), _bars(comparison)) for comparison in found)
        yield WorkSection(name, found[0].title, work.says if work else "", notes.get(name, ""), races)


def _bars(comparison: Comparison) -> tuple[StoreBar, ...]:
    return tuple(_bar(each) for each in comparison.standings)


def _bar(standing: Standing) -> StoreBar:
    behind = "" if standing.times == 1 else f"{times(standing.times)} behind"
    return StoreBar(
        standing.store.value, standing.title, standing.per_second, f"{standing.per_second:,.0f}/s", behind
    )
