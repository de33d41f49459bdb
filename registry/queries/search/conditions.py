"""The tree of a filter as a condition in SQL."""

from collections.abc import Callable

from registry.filters import And, Comparison, Node, Not

from .operators import Arguments

One = Callable[[Comparison, Arguments], str]


def condition_sql(node: Node | None, one: One, arguments: Arguments) -> str:
    """The condition, ``true`` where the filter says nothing.

    Args:
        one: makes the condition of a single comparison. It may be NULL where there is nothing to compare.
    """
    if node is None:
        return "true"
    if isinstance(node, Comparison):
        return one(node, arguments)
    if isinstance(node, Not):
        return f"({condition_sql(node.part, one, arguments)}) IS NOT TRUE"
    word = " AND " if isinstance(node, And) else " OR "
    return word.join(f"({condition_sql(part, one, arguments)})" for part in node.parts)


def owned(table: str, owner: str, key: str, condition: str) -> str:
    """That a row has a row of this key in a table of its own, for which a condition on ``x`` holds.

    Args:
        owner: the owner's column in the table, and the owner's id, such as ``x.run_id = r.id``.
    """
    return f"EXISTS (SELECT 1 FROM {table} x WHERE {owner} AND x.key = {key} AND {condition})"  # noqa: S608 (values are placeholders)
