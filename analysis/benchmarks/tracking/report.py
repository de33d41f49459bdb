"""The figures as Markdown, as JSON, and as a plot."""

import dataclasses
import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from analysis.benchmarks.markdown import Cells, table

from .cases import RAW, search_name
from .plot import draw
from .results import CaseResult, Figures, Verdict, times_better, verdicts
from .servers import BEST, BEST_WITH_JOBS, DEFAULT, OURS
from .targets import GROWTH_SIZES, MEMORY_FACTOR, RATE, TARGETS

NAME = "tracking"


@dataclass(frozen=True)
class Report:
    """Everything that was measured; memory in MB, starts in seconds, both by server."""

    conditions: Mapping[str, Any]
    results: Sequence[CaseResult]
    memory: Mapping[str, Mapping[str, float]]
    started: Mapping[str, Sequence[float]]


def write(report: Report, folder: Path) -> None:
    """Write ``tracking.json``, ``tracking.md`` and ``tracking.png``."""
    folder.mkdir(parents=True, exist_ok=True)
    body = dataclasses.asdict(report) | {"targets": [_told(each) for each in _verdicts(report)]}
    (folder / f"{NAME}.json").write_bytes(orjson.dumps(body, option=orjson.OPT_INDENT_2) + b"\n")
    (folder / f"{NAME}.md").write_text(markdown(report))
    draw(report.results, folder / f"{NAME}.png")


def markdown(report: Report) -> str:
    """The report: targets first, then every figure."""
    told = ", ".join(f"{name} {value}" for name, value in report.conditions.items())
    parts = ["# The tracking API against mlflow server", METHOD, f"{told}."]
    asked = [_verdict_row(each) for each in _verdicts(report) if each.ratio is not None]
    asked += [*_memory_row(report), *_growth_row(report)]
    if asked:
        parts += ["## Targets", table(("figure", "against", "asked", "found", ""), asked)]
    head = ("case", "server", "rate /s", "p50 ms", "p95 ms", "p99 ms", "ours is", *COSTS)
    rows = [row for result in report.results for row in _case_rows(result)]
    parts += ["## Figures", table(head, rows)]
    alone = [
        (result.title, _number(result.servers[OURS].p50), _number(result.alone_ms))
        for result in report.results
        if result.alone_ms is not None and OURS in result.servers
    ]
    if alone:
        parts += [
            "## How close to the limit",
            "The statements that one request of ours makes, said again by bare psycopg2 on the same server.",
            table(("case", "ours p50 ms", "PostgreSQL alone ms"), alone),
        ]
    parts += ["## Memory and start", table(("server", "PSS MB", "RSS MB", "start s"), _server_rows(report))]
    if wrong := failures(report):
        parts += ["## Wrong answers", "\n".join(f"- {each}" for each in wrong)]
    return "\n\n".join(parts) + "\n"


def failures(report: Report) -> list[str]:
    """Cases in which a server did not do what it was asked."""
    return [f"{result.title}: {server}" for result in report.results for server in result.failed]


METHOD = """\
`make bench-tracking` starts one PostgreSQL with a database for each, `mlflow server` as it comes (default:
uvicorn, 4 workers, a job runner), in its best setting (gunicorn, 2 workers, no job runner) and ours as the
demo starts it (gunicorn, relay). Each case is driven against each server in turn, the order turned round
every round; the other servers are halted meanwhile. Raw: precomputed requests on kept-alive connections,
each client a process. Client: the unmodified `mlflow` client. What was written is read back and every
answer compared with what is known beforehand. The runs to search among were cloned by SQL from one that the
server's own API wrote: 10 metrics, 10 params and 4 tags each. What a server costs includes everything it
does meanwhile."""
COSTS = ("statements", "in PostgreSQL ms", "server CPU ms", "driver CPU ms")


def _verdicts(report: Report) -> list[Verdict]:
    return verdicts(report.results, TARGETS)


def _told(verdict: Verdict) -> dict[str, Any]:
    return dataclasses.asdict(verdict) | {"is_reached": verdict.is_reached}


def _verdict_row(verdict: Verdict) -> Cells:
    target = verdict.target
    clients = f"{target.clients} client{'s' if target.clients > 1 else ''}"
    figure = f"{target.case}, {target.way}, {clients}: {target.figure}"
    word = "reached" if verdict.is_reached else "**not reached**"
    return figure, target.against, f"≥ {target.factor:g}x", f"{verdict.ratio or 0:.1f}x", word


def _memory_row(report: Report) -> Iterator[Cells]:
    for against in (BEST_WITH_JOBS, BEST, DEFAULT):
        if OURS in report.memory and against in report.memory:
            ratio = report.memory[against]["pss"] / report.memory[OURS]["pss"]
            word = "reached" if ratio >= MEMORY_FACTOR else "**not reached**"
            yield "memory (PSS)", against, f"≥ {MEMORY_FACTOR:g}x", f"{ratio:.1f}x", word


def _growth_row(report: Report) -> Iterator[Cells]:
    small, great = (_ours(report, search_name(size)) for size in GROWTH_SIZES)
    if small and great:
        growth, size = great.p50 / small.p50, GROWTH_SIZES[1] / GROWTH_SIZES[0]
        word = "reached" if growth < size else "**not reached**"
        name = f"search p50 from {GROWTH_SIZES[0]:,} to {GROWTH_SIZES[1]:,} runs"
        yield name, OURS, f"< {size:g}x", f"{growth:.1f}x", word


def _ours(report: Report, case: str) -> Figures | None:
    for result in report.results:
        if (result.name, result.way, result.clients) == (case, RAW, 1):
            return result.servers.get(OURS)
    return None


def _case_rows(result: CaseResult) -> Iterator[Cells]:
    for name, figures in result.servers.items():
        better = times_better(result, name, RATE)
        unit = "" if result.unit == "requests" else f" {result.unit}"
        yield (
            result.title,
            name,
            _number(figures.rate) + unit,
            *(_number(each) for each in (figures.p50, figures.p95, figures.p99)),
            "" if name == OURS or better is None else f"{better:.1f}x",
            *(_costs(figures) if result.way == RAW else ("", "", "")),
            _number(figures.driver_cpu_ms),
        )


def _costs(figures: Figures) -> Cells:
    """Of raw requests alone: the real client takes seconds to start, in which the server is not idle."""
    return [_number(each) for each in (figures.statements, figures.postgres_ms, figures.server_cpu_ms)]


def _server_rows(report: Report) -> Iterator[Cells]:
    for name, used in report.memory.items():
        starts = report.started.get(name, ())
        started = f"{statistics.median(starts):.1f}" if starts else ""
        yield name, _number(used["pss"]), _number(used["rss"]), started


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"  # noqa: PLR2004
