"""Nested configs of many runs as one tree: the union of their keys, a cell a column at each leaf."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .columns import ComparedColumn
from .values import Row, row_of

MOST_LEAVES = 1_500
MOST_CELLS = 400_000
"""How many values are looked at, at most, for leaves that differ."""
MOST_DEPTH = 12
MOST_ITEMS = 12
ITSELF = "(value)"


@dataclass(slots=True)
class ConfigBranch:
    """A key with keys below it.

    Attributes:
        depth: 0 at the top.
        rows: The leaves right below it that are shown.
        branches: The branches below it that are shown.
        differing: How many leaves below it differ.
        hidden: How many leaves below it are the same in every run, and hidden.
    """

    key: str
    depth: int
    rows: list[Row] = field(default_factory=list)
    branches: list["ConfigBranch"] = field(default_factory=list)
    leaves: int = 0
    differing: int = 0
    hidden: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it starts unfolded: where something below it differs."""
        return self.differing > 0


@dataclass(slots=True)
class _Growing:
    """What all branches of a tree share while it grows."""

    columns: Sequence[ComparedColumn]
    only_differences: bool
    cells: int
    left: int = MOST_LEAVES
    is_cut: bool = False

    @property
    def is_full(self) -> bool:
        """Whether no other leaf is hung, or looked at."""
        return self.left <= 0 or self.cells <= 0


@dataclass(frozen=True, slots=True)
class ConfigTree:
    """The top of the tree.

    Attributes:
        is_cut: More than 1,500 leaves would show, or too many had to be looked at.
    """

    top: ConfigBranch
    is_cut: bool = False


def config_tree(
    configs: Mapping[int, Any], columns: Sequence[ComparedColumn], *, only_differences: bool
) -> ConfigTree:
    """The tree of these runs' configs.

    Args:
        configs: The runs' primary keys → decoded documents.
        only_differences: Leaves that are the same in every run are hidden and counted.
    """
    growing = _Growing(columns, only_differences, MOST_CELLS)
    top = _branch("", 0, dict(configs), growing)
    return ConfigTree(top, growing.is_cut)


def leaves_of(branch: ConfigBranch, path: str = "") -> Iterator[tuple[str, Row]]:
    """The leaves that are shown, each with its dotted path."""
    here = f"{path}.{branch.key}" if path else branch.key
    for row in branch.rows:
        yield (f"{here}.{row.key}" if here else row.key), row
    for each in branch.branches:
        yield from leaves_of(each, here)


def _branch(key: str, depth: int, of_runs: Mapping[int, Any], growing: _Growing) -> ConfigBranch:
    branch = ConfigBranch(key, depth)
    for child, values in _children(of_runs).items():
        if growing.is_full:
            growing.is_cut = True
            break
        if depth < MOST_DEPTH and any(_is_branch(value) for value in values.values()):
            _graft(branch, _branch(child, depth + 1, values, growing))
        else:
            _hang(branch, row_of(child, values, growing.columns), growing)
    return branch


def _hang(branch: ConfigBranch, row: Row, growing: _Growing) -> None:
    """A leaf on its branch, unless it is hidden."""
    growing.cells -= sum(len(column.runs) for column in growing.columns)
    branch.leaves += 1
    branch.differing += row.differs
    if row.differs or not growing.only_differences:
        growing.left -= 1
        branch.rows.append(row)
    else:
        branch.hidden += 1


def _graft(branch: ConfigBranch, below: ConfigBranch) -> None:
    branch.leaves += below.leaves
    branch.differing += below.differing
    branch.hidden += below.hidden
    if below.rows or below.branches:
        branch.branches.append(below)


def _children(of_runs: Mapping[int, Any]) -> dict[str, dict[int, Any]]:
    """The union of the keys, in the order in which they first come."""
    children: dict[str, dict[int, Any]] = {}
    for run, value in of_runs.items():
        for key, child in _items(value):
            children.setdefault(key, {})[run] = child
    return children


def _items(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        yield from value.items()
    elif isinstance(value, list) and _is_branch(value):
        yield from ((f"[{place}]", child) for place, child in enumerate(value))
    else:
        yield ITSELF, value


def _is_branch(value: Any) -> bool:
    """Whether it is unfolded: short lists of plain values are one leaf."""
    if isinstance(value, list):
        return len(value) > MOST_ITEMS or any(isinstance(each, (dict, list)) for each in value)
    return isinstance(value, dict) and bool(value)
