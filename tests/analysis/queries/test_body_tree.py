import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from analysis.queries.body_tree import MOST_NODES, TreeNode, body_tree

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=30,
)


def shape(nodes: list[TreeNode]) -> list[tuple[str, str, object]]:
    return [(node.key, node.kind, shape(node.children) if node.children else node.text) for node in nodes]


def test_values_show_as_json_writes_them() -> None:
    body = {"name": "ä<b>", "n": 3, "f": 0.5, "on": True, "none": None, "empty": {}, "void": []}
    assert shape(body_tree(body).nodes) == [
        ("name", "string", '"ä<b>"'),
        ("n", "number", "3"),
        ("f", "number", "0.5"),
        ("on", "other", "true"),
        ("none", "other", "null"),
        ("empty", "other", "{}"),
        ("void", "other", "[]"),
    ]


def test_dicts_and_lists_are_branches_with_their_size() -> None:
    (layers,) = body_tree({"layers": [{"units": 64}, {"units": 10}]}).nodes
    assert layers.text == "2 items"
    assert shape([layers]) == [
        (
            "layers",
            "branch",
            [("[0]", "branch", [("units", "number", "64")]), ("[1]", "branch", [("units", "number", "10")])],
        )
    ]


def test_dates_and_numbers_that_json_lacks_show_as_text() -> None:
    tree = body_tree({"at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC), "bad": float("nan")})
    assert [node.text for node in tree.nodes] == ['"2026-01-01T00:00:00+00:00"', '"nan"']


def test_only_short_branches_at_the_top_start_open() -> None:
    tree = body_tree({"short": {"deep": {"a": 1}}, "long": list(range(13))})
    short, long = tree.nodes
    assert (short.is_open, short.children[0].is_open, long.is_open) == (True, False, False)


def test_a_long_text_is_shortened() -> None:
    (node,) = body_tree({"log": "x" * 5_000}).nodes
    assert node.text == '"' + "x" * 1_999 + "…"


def test_a_huge_body_is_cut_and_still_shows_every_top_key() -> None:
    tree = body_tree({"first": list(range(3_000)), "last": 1})
    assert tree.is_cut
    assert [node.key for node in tree.nodes] == ["first", "last"]
    assert len(tree.nodes[0].children) == MOST_NODES - 2


@given(st.dictionaries(st.text(max_size=4), json_values, max_size=6))
def test_any_json_has_a_tree(body: dict[str, object]) -> None:
    assert [node.key for node in body_tree(body).nodes] == list(body)
