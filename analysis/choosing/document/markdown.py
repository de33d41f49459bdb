"""Pieces of Markdown."""

from collections.abc import Iterable, Sequence

from analysis.benchmarks import markdown


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are one line each, and a bar in them is escaped."""
    return markdown.table([_cell(each) for each in headings], ([_cell(cell) for cell in row] for row in rows))


def bullets(items: Iterable[str]) -> str:
    """A list."""
    return "\n".join(f"- {item}" for item in items)


def paragraphs(*parts: str) -> str:
    """Parts with an empty line between them; empty ones are left out."""
    return "\n\n".join(part for part in parts if part)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
