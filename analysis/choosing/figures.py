"""The recorded benchmarks that evidence is looked up in."""

from dataclasses import dataclass, field
from pathlib import Path

import orjson

from analysis.benchmarks.features.results import Timing
from analysis.benchmarks.stores import StoreBenchmark, UnreadableResultsError, recorded_results

from .comparing import Comparison, comparisons

REPOSITORY = Path(__file__).resolve().parents[2]
STORES_FILE = REPOSITORY / "docs" / "benchmarks" / "stores.json"
FEATURES_FILE = REPOSITORY / "docs" / "benchmarks" / "features.json"


@dataclass(frozen=True)
class Figures:
    """What was recorded. ``trouble``: why there is no benchmark of the stores, and how to make one."""

    benchmark: StoreBenchmark | None = None
    comparisons: tuple[Comparison, ...] = ()
    timings: dict[tuple[str, str, str], Timing] = field(default_factory=dict)
    trouble: str = ""

    def comparison(self, work: str, level: str, clients: int) -> Comparison | None:
        """The stores at one work; None where it was not recorded."""
        asked = (work, level, clients)
        return next(
            (each for each in self.comparisons if (each.work, each.level, each.clients) == asked), None
        )


def recorded_figures(stores: Path = STORES_FILE, features: Path = FEATURES_FILE) -> Figures:
    """Both recorded benchmarks; what is missing is told, not raised."""
    timings = _timings(features)
    try:
        benchmark = recorded_results(stores)
    except UnreadableResultsError as error:
        return Figures(timings=timings, trouble=str(error))
    return Figures(benchmark, tuple(comparisons(benchmark)), timings)


def _timings(path: Path) -> dict[tuple[str, str, str], Timing]:
    if not path.exists():
        return {}
    rows = orjson.loads(path.read_bytes())["rows"]
    return {(row["part"], row["case"], row["contender"]): Timing(**row["timing"]) for row in rows}
