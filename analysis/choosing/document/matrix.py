"""The matrix, and what it rests on."""

from analysis.choosing.evidence import Finding
from analysis.choosing.matrix import MatrixRow

from .markdown import bullets, paragraphs, table


def matrix_section(rows: tuple[MatrixRow, ...]) -> str:
    """All use cases as a table, then the evidence of each."""
    body = [
        (
            f"[{row.case.title}](#{row.case.slug})",
            f"**{row.best.title}**",
            row.second.title,
            row.case.why,
            row.verdict_word,
        )
        for row in rows
    ]
    return paragraphs(
        "## Decision matrix",
        "Each case links to its evidence below. *Second* does it nearly as well, or better once what would "
        "change the "
        "answer has come about. *Measured*: whether the best choice was also the fastest at the work that "
        "its evidence "
        "names. Stores in italics in the evidence are not run by this platform.",
        table(("What is kept", "Best", "Second", "Why", "Measured"), body),
        "## Evidence, case by case",
        *(_case(row) for row in rows),
    )


def _case(row: MatrixRow) -> str:
    store = row.best.title if row.best.is_run else f"*{row.best.title}*"
    return paragraphs(
        f'<a id="{row.case.slug}"></a>\n\n### {row.case.title}: {store}',
        f"{row.said} Kept here: {row.case.here}.",
        bullets(_finding(each) for each in row.findings),
        f"Another answer where: {'; '.join(row.case.changes)}.",
    )


def _finding(finding: Finding) -> str:
    if finding.comparison:
        return f"{finding.text} ([figures](#{finding.comparison.work.replace('_', '-')}))"
    if finding.url:
        return f"{finding.text} ([{finding.label}]({finding.url}))"
    if finding.document:
        return f"{finding.text} ([{finding.document}]({finding.document}))"
    return finding.text
