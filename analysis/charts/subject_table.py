"""The numbers of a chart of runs, as a table."""

from collections.abc import Sequence
from html import escape

from django.utils.safestring import SafeString

from analysis.charts.dimension import Dimension
from analysis.charts.subject import Subject
from analysis.charts.values_below import values_below


def subject_table(subjects: Sequence[Subject], axes: Sequence[Dimension], *, title: str) -> SafeString:
    """A ``<details>`` with one row a run and one column an axis."""
    looks = [' class="num"' if axis.is_number else "" for axis in axes]
    head = "".join(
        f'<th scope="col"{look}>{escape(axis.label)}</th>' for axis, look in zip(axes, looks, strict=True)
    )
    rows = "".join(
        f'<tr><th scope="row"><a href="{escape(one.href)}">{escape(one.label)}</a></th>'
        + "".join(
            f"<td{look}>{escape(axis.word(place))}</td>" for axis, look in zip(axes, looks, strict=True)
        )
        + "</tr>"
        for place, one in enumerate(subjects)
    )
    table = f'<table><thead><tr><th scope="col">Run</th>{head}</tr></thead><tbody>{rows}</tbody></table>'
    return values_below(SafeString(table), title=title)
