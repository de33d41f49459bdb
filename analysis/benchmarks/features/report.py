"""The figures as Markdown, as JSON, and as a plot."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from analysis.benchmarks.markdown import Cells, table

from .plot import draw
from .results import OURS, Row, Target, found_of, targets

NAME = "features"
PARTS = {
    "read": "Reading, entities x features",
    "write": "Writing 1,000 entities",
    "http": "Over HTTP",
    "serving": "Predictions and the cache",
}
METHOD = """\
`make bench-features` starts a private stack; everything reads the same values from the same Redis. The
contenders take turns, the order turned round every round, and every decoded answer is compared with what was
written. Bare: redis-py with hiredis, nothing decoded. Socket alone: the bytes of one MGET sent and the
answer received, nothing parsed: the physical limit. Layouts: redis-py with values decoded, none of our
checks. Ours: `get_online_features(...).to_dict()`. Feast's SDK: the same call of its own, in its own
environment, on its own keys. HTTP: kept-alive `POST /get-online-features` against the gunicorn of the demo,
each client a process."""


@dataclass(frozen=True)
class Report:
    """Everything that was measured; ``memory``: bytes an entity in Redis, by layout and width."""

    conditions: Mapping[str, Any]
    rows: Sequence[Row]
    memory: Mapping[str, Mapping[str, float]]


def write(report: Report, folder: Path) -> None:
    """Write ``features.json``, ``features.md`` and ``features.png``."""
    folder.mkdir(parents=True, exist_ok=True)
    body = dataclasses.asdict(report) | {
        "targets": [dataclasses.asdict(each) for each in targets(report.rows)]
    }
    (folder / f"{NAME}.json").write_bytes(orjson.dumps(body, option=orjson.OPT_INDENT_2) + b"\n")
    (folder / f"{NAME}.md").write_text(markdown(report))
    draw(report.rows, folder / f"{NAME}.png")


def markdown(report: Report) -> str:
    """The report: targets first, then every figure."""
    told = ", ".join(f"{name} {value}" for name, value in report.conditions.items())
    parts = ["# Online features", METHOD, f"{told}."]
    asked = [_target(each) for each in targets(report.rows) if each.found is not None]
    if asked:
        parts += ["## Targets", table(("figure", "asked", "found", ""), asked)]
    for part, title in PARTS.items():
        rows = [row for row in report.rows if row.part == part]
        if rows:
            head = ("case", "", "p50 ms", "p95 ms", "p99 ms", "rate /s", "ours is")
            parts += [f"## {title}", table(head, [_cells(row, rows) for row in rows])]
    if report.memory:
        widths = list(next(iter(report.memory.values())))
        rows_of_memory = [
            (name, *(f"{sizes[width]:,.0f}" if width in sizes else "" for width in widths))
            for name, sizes in report.memory.items()
        ]
        parts += ["## Memory, bytes an entity (MEMORY USAGE)", table(("layout", *widths), rows_of_memory)]
    return "\n\n".join(parts) + "\n"


def _target(target: Target) -> Cells:
    word = "reached" if target.is_reached else "**not reached**"
    return target.title, target.asked, f"{target.found or 0:.2f}", word


def _cells(row: Row, rows: Sequence[Row]) -> Cells:
    ours, figures = found_of(rows, row.part, row.case).get(OURS), row.timing
    times = "" if ours is None or row.contender == OURS else f"{figures.p50 / ours.p50:.2f} x as fast"
    milliseconds = (f"{each:.3f}" for each in (figures.p50, figures.p95, figures.p99))
    return row.case, row.contender, *milliseconds, f"{figures.rate:,.0f}", times
