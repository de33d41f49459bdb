import math
import re

from analysis.charts.version_chart import VersionPoint, version_chart


def point(number: int, value: float, *live: str) -> VersionPoint:
    return VersionPoint(number, value, f"/v/{number}", live)


def test_each_version_is_a_link_that_says_its_value_and_where_it_is_live() -> None:
    drawn = version_chart(
        [point(1, 0.9), VersionPoint(3, 0.95, "/v/3", ("production",), is_best=True)], metric="f1"
    )
    assert re.findall(r'<a href="([^"]+)" aria-label="([^"]+)">', drawn) == [
        ("/v/1", "Version 1: f1 0.9"),
        ("/v/3", "Version 3: f1 0.95 (live in production, best)"),
    ]
    assert "is-live is-best" in drawn
    assert ">production</text>" in drawn


def test_fewer_than_two_finite_values_draw_nothing() -> None:
    for points in ([], [point(1, 0.9)], [point(1, 0.9), point(2, math.nan)], [point(1, math.inf)] * 2):
        assert version_chart(points, metric="f1") == ""


def test_equal_values_are_drawn_and_what_is_not_finite_is_named() -> None:
    drawn = version_chart([point(1, 0.5), point(2, 0.5), point(3, -math.inf)], metric="f1")
    assert drawn.count("<circle") == 2
    assert "version 3." in drawn
    assert "nan" not in drawn.lower().replace("is nan or infinite", "")


def test_many_versions_keep_their_labels_apart_and_the_newest_has_one() -> None:
    drawn = version_chart([point(number, number) for number in range(1, 51)], metric="f1")
    labels = re.findall(r">v(\d+)</text>", drawn)
    assert 2 <= len(labels) <= 13
    assert labels[-1] == "50"
    assert drawn.count("<circle") == 50


def test_text_from_outside_is_escaped() -> None:
    drawn = version_chart([VersionPoint(1, 1, '/"><x>', ("<b>",)), point(2, 2)], metric="<i>")
    assert not re.search("<x>|<b>|<i>", drawn)
