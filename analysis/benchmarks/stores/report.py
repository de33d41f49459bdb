"""The figures as files: JSON, raw samples, Markdown and plots; and as a table for a terminal."""

import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from analysis.benchmarks.markdown import Cells, table

from .plot import draw
from .recorded import COMMAND, NAME, StoreBenchmark, StoreFigure, as_json
from .results import Series
from .works import LEVEL_TITLES, LEVELS, TITLES, WORKS

SAMPLES_MAX_BYTES = 1_000_000


@dataclass(frozen=True)
class Verdict:
    """A line of the table that the command prints."""

    work: str
    level: str
    clients: int
    verdict: str


def write(benchmark: StoreBenchmark, series: Sequence[Series], folder: Path) -> list[Path]:
    """Write ``stores.json``, ``stores_samples.json.gz``, a plot a level, and ``stores.md`` about them."""
    folder.mkdir(parents=True, exist_ok=True)
    measured = [level for level in LEVELS if any(each.level == level for each in benchmark.winners)]
    contents: dict[str, bytes] = {
        f"{NAME}.json": as_json(benchmark),
        f"{NAME}_samples.json.gz": samples(series),
        f"{NAME}.md": markdown(benchmark).encode(),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    for level in measured:
        draw(benchmark, level, folder / plot_name(level))
    return [folder / name for name in (*contents, *map(plot_name, measured))]


def plot_name(level: str) -> str:
    """The file of a level's plot."""
    return f"{NAME}_{level}.png"


def verdicts(benchmark: StoreBenchmark) -> list[Verdict]:
    """Who won what, in words."""
    return [Verdict(each.work, each.level, each.clients, each.sentence) for each in benchmark.winners]


def samples(series: Sequence[Series], *, most_bytes: int = SAMPLES_MAX_BYTES) -> bytes:
    """Microseconds of each operation by series and round, gzipped; every n-th where that is too much.

    The same series always give the same bytes.
    """
    step = 1
    while True:
        body = {
            "schema": 1,
            "unit": "microseconds",
            "every": step,
            "series": [_sampled(each, step) for each in series if each.rounds],
        }
        packed = gzip.compress(orjson.dumps(body), mtime=0)
        if len(packed) <= most_bytes:
            return packed
        step *= 2


def _sampled(series: Series, step: int) -> dict[str, Any]:
    return {
        **{name: getattr(series, name) for name in ("work", "level", "store", "way", "clients")},
        "rounds": [list(each.microseconds[::step]) for each in series.rounds],
    }


def markdown(benchmark: StoreBenchmark) -> str:
    """The report: what is said of key reads, who won, every figure, the conditions."""
    parts = ["# PostgreSQL, MongoDB and Redis at the same work", METHOD, _recorded(benchmark)]
    if benchmark.key_reads:
        said = "\n".join(f"- {each.statement}" for each in benchmark.key_reads)
        parts += ["## Reading a value by its key", said]
    head = ("work", "level", "clients", "")
    won = [
        (WORKS[each.work].title, each.level, str(each.clients), each.sentence) for each in benchmark.winners
    ]
    parts += ["## Who wins", table(head, won)]
    if benchmark.notes:
        parts.append("\n".join(f"- {WORKS[work].title}: {said}" for work, said in benchmark.notes.items()))
    for level in LEVELS:
        found = [each for each in benchmark.results if each.level == level]
        if found:
            parts += [f"## {LEVEL_TITLES[level]}", f"![Ratios and latencies]({plot_name(level)})"]
            parts.append(table(HEAD, [_row(each) for each in found]))
    parts += ["## Conditions", "\n".join(_told(benchmark.environment)), REPEAT]
    return "\n\n".join(parts) + "\n"


METHOD = """\
The same data in all three stores, the same question, the same answer: each way's answers are compared with
what is known before anything is timed, and every timed answer after the clock has stopped; what was written
is counted. A stretch is one way of one store for one number of clients, after a warm-up; every round works
all of them in another random order, so that whatever else the machine does falls on all alike. A client is a
process that keeps its connection. A rate is the median of the rounds and counts items (a batch of 100 has
100); latencies are of one operation. A lead no larger than how far the middle half of the rounds' rates lie
apart is called a tie. Writes are two races, since a store that promises less is faster for that alone: on
disk before the answer (PostgreSQL's synchronous commit; MongoDB's w majority, j true; Redis's appendfsync
always), and may lose up to a second (PostgreSQL's asynchronous commit; MongoDB's w 1, j false; Redis's
appendfsync everysec). A store is judged by its fastest way; a way of which more than 1 % of the operations
failed can't win, and ways marked * are there to compare. Clients and servers share the cores: with 8 clients
most of the time is waiting for one, which hits hardest what needs most of Python."""
REPEAT = f"""\
To repeat: `{COMMAND}` (a private stack, about eight minutes; `ARGS=--quick`: one). `manage.py benchmark
--here` measures the stores of the settings instead, in databases and keys of its own beside the real ones.
Raw samples: `{NAME}_samples.json.gz`."""
HEAD = ("work", "store", "way", "clients", "items /s", "p50 ms", "p95 ms", "p99 ms", "spread", "")


def _recorded(benchmark: StoreBenchmark) -> str:
    told = benchmark.settings
    return (
        f"Recorded {benchmark.recorded_at}: {told['rounds']} rounds of {told['seconds']:g} s a stretch,"
        f" {told['records']:,} records, seed {told['seed']}."
    )


def _row(figure: StoreFigure) -> Cells:
    if not figure.operations:
        return (*_names(figure), *[""] * 5, figure.error)
    return (
        *_names(figure),
        f"{figure.per_second:,.0f}",
        *(f"{each:.3f}" for each in (figure.p50_ms, figure.p95_ms, figure.p99_ms)),
        f"{figure.spread:.0%}",
        "; ".join(filter(None, (figure.durability, figure.error))),
    )


def _names(figure: StoreFigure) -> Cells:
    mark = "" if figure.is_counted else " *"
    return figure.title, TITLES[figure.store], figure.way + mark, str(figure.clients)


def _told(environment: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    for name, value in environment.items():
        if isinstance(value, Mapping):
            yield f"{indent}- {name}:"
            yield from _told(value, f"{indent}  ")
        else:
            yield f"{indent}- {name}: {value}"
