# ruff: noqa: RUF001 (the en dash is what a missing value shows)
from datetime import timedelta

import pytest
from django.template import Context, Template

from analysis.charts.matrix import Matrix
from analysis.charts.series import Series


def rendered(source: str, **context: object) -> str:
    return Template("{% load charts %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("source", "value", "shown"),
    [
        ("{% human_bytes value %}", 2_000, "2 kB"),
        ("{% human_bytes value %}", None, "–"),
        ("{% duration value %}", 90, "1 min 30 s"),
        ("{% duration value %}", timedelta(seconds=90), "1 min 30 s"),
        ("{% duration value %}", None, "–"),
        ("{% metric_value value %}", 0.97368, "0.9737"),
    ],
)
def test_a_number_tag_reads(source: str, value: object, shown: str) -> None:
    assert rendered(source, value=value) == shown


def test_a_line_chart_is_drawn_unescaped() -> None:
    drawn = rendered("{% line_chart s title='loss' y_log=True %}", s=[Series("a", [0, 1], [1, 2])])
    assert drawn.startswith('<figure class="chart-box"><figcaption>loss</figcaption><svg')


def test_a_sparkline_is_drawn_unescaped() -> None:
    assert rendered("{% sparkline v 'loss' %}", v=[1, 2]).startswith('<svg class="spark"')


@pytest.mark.parametrize(("sizes", "shown"), [(True, ">2 kB<"), (False, ">2,000<")])
def test_bars_read_counts_or_sizes(*, sizes: bool, shown: str) -> None:
    assert shown in rendered("{% bars r title='t' sizes=sizes %}", r=[("a", 2_000)], sizes=sizes)


def test_a_confusion_matrix_is_a_table() -> None:
    drawn = rendered("{% confusion_matrix m caption='c' %}", m=Matrix(["a"], [[1]]))
    assert drawn.startswith('<table class="matrix">')


@pytest.mark.parametrize(
    ("word", "drawn"),
    [
        ("FINISHED", '<span class="chip chip-good">Finished</span>'),
        ("<x>", '<span class="chip">&lt;x&gt;</span>'),
    ],
)
def test_a_chip_says_its_word(word: str, drawn: str) -> None:
    assert rendered("{% chip word %}", word=word) == drawn
