"""The figures of change capture, as a file for programs and one for people."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from analysis.benchmarks.markdown import table

from .capture import Lag, Memory, Rate

LEGEND = """\
Servers, consumer and this measurement on one machine. Lag: from the answer to the commit until another
connection finds the document; for the fast path, which writes both stores, from the call. The relay leaves an
effect to its writer for a second before it takes it. Rates of transactions of 100 rows: from before the first
statement until the last row is found, so the writer's own time is in them; of the snapshot from its first row
to its checkpoint. Rows are params (5 columns); a twenty-first of the snapshot's are runs (19). MongoDB writes
with majority and journal."""


@dataclass(frozen=True)
class CaptureReport:
    """What was measured, and under which conditions."""

    conditions: dict[str, Any]
    lags: list[Lag]
    rates: list[Rate]
    memory: list[Memory]


def as_json(report: CaptureReport) -> bytes:
    """Everything."""
    return orjson.dumps(report, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def as_text(report: CaptureReport) -> str:
    """For people."""
    said = ", ".join(f"{name} {value}" for name, value in report.conditions.items())
    parts = ["# Change capture, measured", f"`manage.py benchmark_cdc`: {said}.", LEGEND]
    parts += [_table(rows) for rows in (report.lags, report.rates, report.memory) if rows]
    return "\n\n".join(parts) + "\n"


def write(report: CaptureReport, folder: Path) -> None:
    """``cdc.json`` and ``cdc.md``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cdc.json").write_bytes(as_json(report))
    (folder / "cdc.md").write_text(as_text(report))


def _table(rows: Sequence[Any]) -> str:
    names = [each.name for each in dataclasses.fields(rows[0])]
    return table(names, [[str(getattr(row, name)) for name in names] for row in rows])
