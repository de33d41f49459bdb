from analysis.charts.lineage import Layer, Node, lineage_chart
from analysis.charts.share_bar import share_bar


def test_boxes_are_links_and_edges_join_those_that_are_drawn() -> None:
    layers = [
        Layer("From", [Node("a", "raw", "parent", "/raw/")]),
        Layer("Nothing", []),
        Layer("This", [Node("b", "a very long name of a dataset", "this")], hidden=1_200),
    ]
    drawing = lineage_chart(layers, [("a", "b"), ("a", "missing")], title="Lineage")
    assert drawing.count("<path") == 1
    assert '<a class="lineage-parent" href="/raw/"><title>parent: raw</title>' in drawing
    assert "a very long n…a dataset</text>" in drawing
    assert "<title>this: a very long name of a dataset</title>" in drawing
    assert "and 1,200 more" in drawing
    assert "Nothing" not in drawing


def test_a_name_cannot_break_out_of_the_drawing() -> None:
    drawing = lineage_chart([Layer("x", [Node("a", "<script>", "run", '/"><b>')])], [], title="x")
    assert "<script>" not in drawing
    assert '/"><b>' not in drawing


def test_a_bar_is_divided_by_share() -> None:
    bar = share_bar([("finished", 3), ("failed", 1)])
    assert 'width="75.00"' in bar
    assert 'x="75.00"' in bar
    assert "3 finished · 1 failed" in bar
    assert share_bar([]) == ""
