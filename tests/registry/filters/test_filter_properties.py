"""What holds for every filter, right or wrong."""

import json
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from registry.exceptions import BadInputError
from registry.filters import (
    RUNS,
    And,
    Comparison,
    Entity,
    Field,
    Node,
    Not,
    Or,
    filter_text,
    parse_filter,
    parse_order,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0%_"), max_size=30)
KEYS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0`"), min_size=1, max_size=30)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
FIELDS = {
    Entity.METRIC: (NUMBERS, ["=", "!=", "<", "<=", ">", ">="]),
    Entity.PARAM: (NUMBERS | TEXT, ["=", "!="]),
    Entity.TAG: (TEXT, ["=", "!=", "LIKE", "ILIKE"]),
}
WORDS = ["metrics.a", "params.`b`", "tags.c", "status", "and", "or", "not", "in", "is", "null", "like", "max"]
SIGNS = ["(", ")", ",", ".", "=", "!=", "<", "'", '"', "`", "1", "-.5e3", "'x'", "--", ";", "\n", "é"]


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    entity = draw(st.sampled_from(list(FIELDS)))
    values, operators = FIELDS[entity]
    return Comparison(Field(entity, draw(KEYS)), draw(st.sampled_from(operators)), draw(values))


def filters() -> st.SearchStrategy[Node]:
    parts = lambda each: st.lists(each, min_size=2, max_size=3).map(tuple)  # noqa: E731
    grow = lambda each: parts(each).map(And) | parts(each).map(Or) | each.map(Not)  # noqa: E731
    return st.recursive(comparisons(), grow, max_leaves=6)


def written(node: Node) -> str:
    """The filter as text."""
    if isinstance(node, Comparison):
        value = json.dumps(node.value) if isinstance(node.value, float) else quoted(node.value)
        return f"{node.field.entity.value}.`{node.field.key}` {node.operator} {value}"
    if isinstance(node, Not):
        return f"NOT ({written(node.part)})"
    return (" AND " if isinstance(node, And) else " OR ").join(f"({written(each)})" for each in node.parts)


def quoted(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


@given(filters())
def test_a_filter_that_is_written_reads_the_same(node: Node) -> None:
    assert parse_filter(written(node), RUNS) == node


@given(filters())
def test_a_filter_told_from_its_tree_reads_the_same(node: Node) -> None:
    assert parse_filter(filter_text(node), RUNS) == node


@given(st.text(max_size=60) | st.lists(st.sampled_from(WORDS + SIGNS), max_size=12).map(" ".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    for parse in (parse_filter, parse_order):
        with suppress(BadInputError):
            parse(text, RUNS)
