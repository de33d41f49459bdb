"""From turns to figures: rates and percentiles a server, ratios between servers, targets reached or not."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analysis.benchmarks.environment import percentiles

from .cases import Case
from .driving import Turn
from .servers import OURS
from .targets import RATE, Target


@dataclass(frozen=True)
class Figures:
    """One server in one case, over all rounds.

    ``rate`` is the median of the rounds' rates, in units a second; times are of one request, in
    milliseconds; ``postgres_ms`` is what PostgreSQL spent executing, of ``statements`` with BEGIN and COMMIT.
    """

    rate: float
    p50: float
    p95: float
    p99: float
    statements: float
    postgres_ms: float
    server_cpu_ms: float
    driver_cpu_ms: float
    rates: list[float]
    requests: int


@dataclass(frozen=True)
class CaseResult:
    """One case: each server's figures; ``alone_ms`` is what PostgreSQL alone takes for ours."""

    name: str
    way: str
    clients: int
    unit: str
    servers: Mapping[str, Figures]
    failed: Sequence[str] = ()
    alone_ms: float | None = None

    @property
    def title(self) -> str:
        """Its name with way and clients."""
        return f"{self.name}, {self.way}, {self.clients} client{'s' if self.clients > 1 else ''}"


@dataclass(frozen=True)
class Verdict:
    """A target and what was found; None where it was not measured."""

    target: Target
    ratio: float | None

    @property
    def is_reached(self) -> bool | None:
        """Whether; None where it was not measured."""
        return None if self.ratio is None else self.ratio >= self.target.factor


def figures(turns: Sequence[Turn]) -> Figures:
    """The figures of one server's turns."""
    seconds = [second for turn in turns for second in turn.seconds]
    requests = len(seconds)
    times = percentiles([second * 1_000 for second in seconds])
    rates = [turn.rate for turn in turns]
    return Figures(
        rate=statistics.median(rates),
        **times,
        statements=sum(turn.asked.calls for turn in turns) / requests,
        postgres_ms=sum(turn.asked.milliseconds for turn in turns) / requests,
        server_cpu_ms=sum(turn.server_cpu_seconds for turn in turns) * 1_000 / requests,
        driver_cpu_ms=sum(turn.driver_cpu_seconds for turn in turns) * 1_000 / requests,
        rates=rates,
        requests=requests,
    )


def case_result(case: Case, turns: Mapping[str, Sequence[Turn]]) -> CaseResult:
    """The figures of each server in a case."""
    found = {server: figures(each) for server, each in turns.items() if each}
    failed = [server for server, each in turns.items() if not each]
    return CaseResult(case.name, case.way, case.clients, case.unit, found, failed)


def times_better(result: CaseResult, against: str, figure: str) -> float | None:
    """How many times better ours is in a figure: higher in rate, lower in time."""
    ours, other = result.servers.get(OURS), result.servers.get(against)
    if ours is None or other is None:
        return None
    mine, theirs = (float(getattr(each, figure)) for each in (ours, other))
    return mine / theirs if figure == RATE else theirs / mine


def verdicts(results: Sequence[CaseResult], targets: Sequence[Target]) -> list[Verdict]:
    """Each target beside what was found."""
    by_case = {(each.name, each.way, each.clients): each for each in results}
    found = []
    for target in targets:
        result = by_case.get((target.case, target.way, target.clients))
        ratio = times_better(result, target.against, target.figure) if result else None
        found.append(Verdict(target, ratio))
    return found
