"""A document of any shape as a tree that a template can walk."""

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from registry.documents.plain import as_json

MOST_NODES = 2_000
LONGEST_TEXT = 2_000
MOST_OPEN = 12


@dataclass(slots=True)
class TreeNode:
    """A key with a value (``text``) or with children.

    Attributes:
        key: Name in a dict, ``[0]`` in a list.
        kind: ``branch``, ``string``, ``number``, ``other``.
        text: The value as JSON writes it, or how many children there are.
        children: Of a branch.
        is_open: Whether the branch starts unfolded.
    """

    key: str
    kind: str
    text: str
    children: list["TreeNode"] = field(default_factory=list)
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class BodyTree:
    """The top of a tree; ``is_cut`` where it had more than 2,000 values."""

    nodes: list[TreeNode]
    is_cut: bool


def body_tree(body: dict[str, Any]) -> BodyTree:
    """The tree of a decoded document, breadth first up to 2,000 nodes, so that every top key shows."""
    top: list[TreeNode] = []
    waiting = deque([(top, as_json(body))])
    count = 0
    while waiting:
        siblings, parent = waiting.popleft()
        for key, value in _items(parent):
            if count == MOST_NODES:
                return BodyTree(top, is_cut=True)
            node = _node(key, value)
            node.is_open = siblings is top and node.kind == "branch" and len(value) <= MOST_OPEN
            siblings.append(node)
            count += 1
            if node.kind == "branch":
                waiting.append((node.children, value))
    return BodyTree(top, is_cut=False)


def _items(value: dict[str, Any] | list[Any]) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        yield from value.items()
    else:
        yield from ((f"[{place}]", child) for place, child in enumerate(value))


def _node(key: str, value: Any) -> TreeNode:
    if isinstance(value, dict) and value:
        return TreeNode(key, "branch", f"{len(value)} keys")
    if isinstance(value, list) and value:
        return TreeNode(key, "branch", f"{len(value)} items")
    kind = "string" if isinstance(value, str) else "other"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        kind = "number"
    text = json.dumps(value, ensure_ascii=False)
    return TreeNode(key, kind, text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…")
