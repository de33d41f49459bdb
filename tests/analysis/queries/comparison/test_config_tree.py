from typing import Any

import pytest

from analysis.queries.comparison.columns import ComparedColumn
from analysis.queries.comparison.config_tree import MOST_LEAVES, ConfigTree, config_tree, leaves_of
from analysis.queries.comparison.runs import compared_runs
from tests.factories import RunFactory, UserFactory

pytestmark = pytest.mark.django_db


def tree(*configs: Any, only_differences: bool = False) -> ConfigTree:
    made = [RunFactory.create().run_id for _ in configs]
    runs = compared_runs(made, viewer=UserFactory.create())
    columns = [ComparedColumn(run.label, run.look, (run,), is_base=not run.look) for run in runs]
    of_runs = {run.pk: config for run, config in zip(runs, configs, strict=True) if config is not None}
    return config_tree(of_runs, columns, only_differences=only_differences)


def texts(found: ConfigTree) -> dict[str, list[str]]:
    return {path: [cell.text for cell in row.cells] for path, row in leaves_of(found.top)}


def test_the_keys_of_all_runs_stand_once_with_a_cell_a_run() -> None:
    found = tree({"a": {"b": 1, "c": "x"}}, {"a": {"b": 2}, "d": [0.9, 0.99]})
    assert texts(found) == {"a.b": ["1", "2"], "a.c": ["x", ""], "d": ["", "[0.9,0.99]"]}


def test_branches_that_differ_start_open_and_identical_ones_closed_with_their_count() -> None:
    found = tree({"a": {"x": 1}, "b": {"y": {"z": 1}}}, {"a": {"x": 1}, "b": {"y": {"z": 2}}})
    assert [(each.key, each.is_open, each.leaves, each.differing) for each in found.top.branches] == [
        ("a", False, 1, 0),
        ("b", True, 1, 1),
    ]


def test_identical_leaves_are_hidden_and_counted() -> None:
    found = tree({"a": {"x": 1}, "b": 1}, {"a": {"x": 1}, "b": 2}, only_differences=True)
    assert (texts(found), found.top.hidden, found.top.branches) == ({"b": ["1", "2"]}, 1, [])


def test_lists_of_dicts_are_laid_item_by_item() -> None:
    layers = [{"units": 8}, {"units": 4}]
    assert texts(tree({"layers": layers}, {"layers": layers[:1]})) == {
        "layers.[0].units": ["8", "8"],
        "layers.[1].units": ["4", ""],
    }


def test_a_value_that_is_a_group_elsewhere_stands_as_itself() -> None:
    found = tree({"optimizer": "adam"}, {"optimizer": {"lr": 0.1}})
    assert texts(found) == {"optimizer.(value)": ["adam", ""], "optimizer.lr": ["", "0.1"]}


def test_a_run_without_a_config_has_missing_cells() -> None:
    (_, row), *_ = leaves_of(tree({"a": None}, None).top)
    assert [(cell.text, cell.is_missing) for cell in row.cells] == [("null", False), ("", True)]


def test_a_very_large_config_is_cut() -> None:
    found = tree({"a": {str(n): n for n in range(MOST_LEAVES + 5)}}, {})
    assert (found.is_cut, found.top.leaves) == (True, MOST_LEAVES)


def test_differences_behind_many_identical_leaves_are_found() -> None:
    alike = {str(n): n for n in range(MOST_LEAVES + 5)}
    found = tree(alike | {"lr": 1}, alike | {"lr": 2}, only_differences=True)
    assert (texts(found), found.top.hidden, found.is_cut) == ({"lr": ["1", "2"]}, MOST_LEAVES + 5, False)


def test_no_more_values_are_looked_at_than_a_request_has_time_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.queries.comparison.config_tree.MOST_CELLS", 4)
    alike = {str(n): n for n in range(5)}
    found = tree(alike, alike, only_differences=True)
    assert (found.is_cut, found.top.leaves) == (True, 2)


def test_a_very_deep_config_ends_as_a_value() -> None:
    deep: Any = 1
    for _ in range(40):
        deep = {"k": deep}
    ((path, row),) = leaves_of(tree(deep).top)
    assert path.count("k") < 20
    assert row.cells[0].text.startswith('{"k":')
