# ruff: noqa: S314 (what is parsed is our own drawing)
from xml.etree import ElementTree as ET

import pytest

from analysis.charts.dimension import Dimension, dimension_of_texts
from analysis.charts.parallel_coordinates import parallel_coordinates
from analysis.charts.scatter import SHAPES, scatter
from analysis.charts.subject import Subject

RUNS = [Subject(name, f"id-{name}", look, f"/runs/{name}/") for look, name in enumerate("abc")]
RATE = dimension_of_texts("lr", ["0.1", "1e-4", None])
LOSS = Dimension("loss", [0.5, 0.25, 1.0], "lower")
KIND = dimension_of_texts("optimizer", ["sgd", "adam", "sgd"])


def links(chart: str, css_class: str) -> list[ET.Element]:
    return [
        each for each in ET.fromstring(chart).iter("a") if (each.get("class") or "").startswith(css_class)
    ]


def titles(chart: str, css_class: str) -> list[str | None]:
    return [each.findtext("title") for each in links(chart, css_class)]


def test_numbers_far_apart_lie_on_a_log_axis() -> None:
    assert RATE.is_log
    assert [label for _, label in RATE.ticks(0, 100)] == ["0.0001", "0.001", "0.01", "0.1"]
    assert not LOSS.is_log
    assert not Dimension("delta", [-1.0, 1_000.0]).is_log


def test_texts_have_a_place_each_in_order_numbers_by_size() -> None:
    mixed = dimension_of_texts("depth", ["10", "9", "none", "9"])
    assert mixed.names == ["9", "10", "none"]
    assert mixed.positions(0, 30) == [15, 5, 25, 5]
    assert mixed.ticks(0, 30) == [(5, "9"), (15, "10"), (25, "none")]


def test_what_is_not_finite_makes_an_axis_one_of_texts() -> None:
    assert dimension_of_texts("clip", ["1", "inf"]).names == ["1", "inf"]


def test_runs_of_one_text_lie_side_by_side() -> None:
    first, _, third = KIND.spread(0, 100)
    assert (first, third) == (67.5, 82.5)
    assert LOSS.spread(0, 100) == LOSS.positions(0, 100)
    assert dimension_of_texts("name", ["a", None]).spread(0, 100) == [50, None]


def test_many_texts_have_fewer_marks() -> None:
    assert len(dimension_of_texts("seed", [f"s{n}" for n in range(40)]).ticks(0, 100)) == 14


def test_an_axis_without_a_value_is_empty() -> None:
    nothing = Dimension("f1", [None, None])
    assert nothing.is_empty
    assert (nothing.positions(0, 1), nothing.ticks(0, 1)) == ([None, None], [])


def test_each_run_is_a_linked_line_with_its_values() -> None:
    chart = parallel_coordinates(RUNS, [RATE, KIND, LOSS], title="Runs")
    assert titles(chart, "line") == [
        "a: lr 0.1, optimizer sgd, loss 0.5",
        "b: lr 0.0001, optimizer adam, loss 0.25",
        "c: lr –, optimizer sgd, loss 1",  # noqa: RUF001 (as tables show nothing)
    ]
    assert [(each.get("href"), each.get("data-mark")) for each in links(chart, "line")] == [
        (run.href, run.mark) for run in RUNS
    ]


def test_a_line_breaks_where_its_run_has_no_value() -> None:
    chart = parallel_coordinates(RUNS, [KIND, RATE, LOSS], title="Runs")
    paths = [each[-1].get("d", "") for each in links(chart, "line")]
    assert [path.count("M") for path in paths] == [1, 1, 2]
    assert paths[2].count("h0") == 2


def test_an_axis_says_whether_it_is_log_and_which_way_is_better() -> None:
    words = "".join(ET.fromstring(parallel_coordinates(RUNS, [RATE, LOSS], title="Runs")).itertext())
    assert "lower is better" in words
    assert "log" in words


def test_one_axis_is_too_few() -> None:
    assert "differ in too little" in parallel_coordinates(RUNS, [LOSS], title="Runs")


def test_a_long_name_keeps_its_end_and_is_whole_in_a_title() -> None:
    name = "model.encoder.optimizer.learning_rate"
    chart = parallel_coordinates(RUNS, [Dimension(name, [1.0, 2.0, 3.0]), LOSS], title="Runs")
    assert f"<title>{name}</title>…timizer.learning_rate</text>" in chart


def test_each_run_is_a_linked_point_with_a_shape_of_its_own() -> None:
    chart = scatter(RUNS, KIND, LOSS, title="loss against optimizer")
    assert titles(chart, "point") == [
        "a: optimizer sgd, loss 0.5",
        "b: optimizer adam, loss 0.25",
        "c: optimizer sgd, loss 1",
    ]
    assert [each[-1].get("d") for each in links(chart, "point")] == list(SHAPES[:3])


def test_a_run_that_lacks_one_of_the_two_is_named() -> None:
    chart = scatter(RUNS, RATE, LOSS, title="t")
    assert len(links(chart, "point")) == 2
    assert "Not drawn, for lack of one of the two: c." in chart
    assert "across lr (log), up loss (lower is better)." in chart


def test_nothing_to_draw_is_said() -> None:
    chart = scatter(RUNS, Dimension("f1", [None, None, None]), LOSS, title="t")
    assert "No run has both f1 and loss." in chart


@pytest.mark.parametrize(
    "draw", [scatter, lambda runs, x, y, title: parallel_coordinates(runs, [x, y], title=title)]
)
def test_names_are_escaped(draw: object) -> None:
    bad = "</title><script>"
    subjects = [Subject(bad, bad, 0, "/runs/") for _ in range(2)]
    chart = draw(subjects, dimension_of_texts(bad, [bad, "b"]), Dimension(bad, [1.0, 2.0]), title=bad)
    assert "<script>" not in chart
    ET.fromstring(chart)


def test_the_table_has_a_row_a_run() -> None:
    rows = ET.fromstring(scatter(RUNS, KIND, LOSS, title="t")).findall(".//tbody/tr")
    assert ["".join(row.itertext()) for row in rows] == ["asgd0.5", "badam0.25", "csgd1"]
