import datetime as dt
from typing import Any

from analysis.queries.run_columns import run_column
from analysis.templatetags.charts import moment
from analysis.templatetags.runs import run_cells

AT = dt.datetime(2026, 11, 22, 6, 3, 9, 120_000, tzinfo=dt.timezone(dt.timedelta(hours=1)))


def cell(name: str, value: Any) -> str:
    column = run_column(name)
    assert column is not None
    return run_cells([(column, value)])


def test_each_kind_of_value_has_its_cell() -> None:
    assert cell("status", "FINISHED") == '<td><span class="chip chip-good">Finished</span></td>'
    assert cell("metrics.loss", 0.12345) == '<td class="num">0.1235</td>'
    assert cell("duration", 65.0) == '<td class="num">1 min 5 s</td>'
    assert cell("framework", "<b>") == "<td>&lt;b&gt;</td>"
    assert cell("started_at", AT) == f'<td class="nowrap">{moment(AT)}</td>'


def test_what_a_run_has_not_is_a_dash() -> None:
    assert cell("metrics.loss", None) == '<td class="num">–</td>'  # noqa: RUF001 (an en dash)
    assert cell("dataset", "") == cell("ended_at", None) == '<td class="missing">–</td>'  # noqa: RUF001


def test_long_params_are_cut_and_told_above() -> None:
    text = f'"{"a" * 600}'
    told = f'<td class="cell-param" title="&quot;{"a" * 498}…">&quot;{"a" * 58}…</td>'
    assert cell("params.note", text) == told


def test_a_moment_is_told_in_utc() -> None:
    iso = '<time datetime="2026-11-22T05:03:09.120000+00:00">'
    assert moment(AT) == f"{iso}2026-11-22 05:03</time>"
    assert moment(AT, seconds=True, zone=True) == f"{iso}2026-11-22 05:03:09 UTC</time>"
