"""The numbers of a chart below it: folded up, and to be scrolled where they are many."""

from html import escape

from django.utils.safestring import SafeString


def values_below(table: SafeString, *, title: str) -> SafeString:
    """A ``<details>`` around a table; ``title`` is the chart's."""
    return SafeString(
        '<details class="disclosure chart-values"><summary>Values</summary>'
        f'<div class="table-scroll" tabindex="0" role="region" aria-label="Values of {escape(title)}">'
        f"{table}</div></details>"
    )
