"""The figures of the pages, as a file for programs and one for people."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from analysis.benchmarks.markdown import table

from .browser import BrowserCost
from .measuring import PageCost

LEGEND = """\
On the server, by Django's test client. `cold`: the curves are drawn anew; `cached`: they come from the
cache. kB are 1,000 bytes; *decoded* and *transferred* count style sheets, scripts and icon as well, the first
time."""


@dataclass(frozen=True)
class PagesReport:
    """What was measured, and under which conditions."""

    conditions: dict[str, Any]
    pages: list[PageCost]
    browser: list[BrowserCost]


def as_json(report: PagesReport) -> bytes:
    """Everything."""
    return orjson.dumps(report, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def write(report: PagesReport, folder: Path) -> None:
    """``pages.json`` and ``pages.md``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pages.json").write_bytes(as_json(report))
    (folder / "pages.md").write_text(_as_text(report))


def _as_text(report: PagesReport) -> str:
    said = ", ".join(f"{name} {value}" for name, value in report.conditions.items())
    parts = ["# Pages, measured", f"`manage.py benchmark_pages`: {said}.", LEGEND, _table(report.pages)]
    if report.browser:
        parts += ["In Chromium, nothing in its cache, the server's time included:", _table(report.browser)]
    return "\n\n".join(parts) + "\n"


def _table(rows: Sequence[Any]) -> str:
    names = [each.name for each in dataclasses.fields(rows[0])]
    lines = [[str(getattr(row, name)) for name in names] for row in rows]
    return table(names, lines)
