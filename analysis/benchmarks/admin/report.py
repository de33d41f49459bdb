"""The figures as JSON and as Markdown."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import orjson

from .measuring import MOST_MS, MOST_STATEMENTS, PageCost

NAME = "admin"
METHOD = """\
`manage.py benchmark_admin --runs {runs} --points {points} --rounds {rounds} --out docs/benchmarks` fills
stores of its own and asks every list, filter, search, deep page, form and history of the admin, in process:
middleware, statements and template, without a network. What is rare is old, the worst case of a list that
shows the newest first. A first request, not counted, fills the caches. Slowest: of the page's statements, by
the wall clock of the driver."""


@dataclass(frozen=True)
class AdminReport:
    """Everything that was measured."""

    conditions: Mapping[str, Any]
    pages: Sequence[PageCost]

    @property
    def beyond(self) -> list[PageCost]:
        """Pages that are not as quick as they have to be."""
        return [page for page in self.pages if not page.is_within]


def write(report: AdminReport, folder: Path) -> None:
    """Write ``admin.json`` and ``admin.md``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{NAME}.json").write_bytes(as_json(report) + b"\n")
    (folder / f"{NAME}.md").write_text(markdown(report))


def as_json(report: AdminReport) -> bytes:
    """Conditions and pages."""
    return orjson.dumps(dataclasses.asdict(report), option=orjson.OPT_INDENT_2)


def markdown(report: AdminReport) -> str:
    """The conditions, what is beyond the figures, then every page."""
    told = ", ".join(f"{name} {_told(value)}" for name, value in report.conditions.items())
    lines = [
        "# The admin at volume",
        "",
        METHOD.format(**report.conditions),
        "",
        f"{told}.",
        "",
        summary(report),
        "",
        "| model | page | p50 ms | longest ms | statements | slowest of them, ms | kB |",
        "|---|---|--:|--:|--:|--:|--:|",
        *(_line(page) for page in report.pages),
    ]
    return "\n".join(lines) + "\n"


def summary(report: AdminReport) -> str:
    """One line: how many pages are within the figures, and which are not."""
    within = len(report.pages) - len(report.beyond)
    names = ", ".join(f"{page.model} {page.page} ({_trouble(page)})" for page in report.beyond)
    rest = f" Beyond: {names}." if names else ""
    most = f"{MOST_MS:.0f} ms and {MOST_STATEMENTS} statements"
    return f"{within} of {len(report.pages)} pages take at most {most}.{rest}"


def _line(page: PageCost) -> str:
    name = page.page.replace("|", " ")
    return (
        f"| {page.model} | {name} | {page.p50_ms:.1f} | {page.longest_ms:.1f} | {page.statements} |"
        f" {page.slowest_ms:.0f} | {page.kilobytes:.0f} |"
    )


def _trouble(page: PageCost) -> str:
    return f"{page.p50_ms:.0f} ms" if page.status == HTTPStatus.OK else f"answers {page.status}"


def _told(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
