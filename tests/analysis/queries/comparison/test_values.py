from typing import Any

import pytest

from analysis.queries.comparison.columns import ComparedColumn
from analysis.queries.comparison.runs import compared_runs
from analysis.queries.comparison.values import ABSENT, Rows, row_of, rows_of, same, shown
from tests.factories import RunFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def columns() -> list[ComparedColumn]:
    """Three runs, one a column, the second one being the base."""
    made = [RunFactory.create().run_id for _ in range(3)]
    runs = compared_runs(made, viewer=UserFactory.create())
    return [ComparedColumn(run.label, run.look, (run,), is_base=place == 1) for place, run in enumerate(runs)]


def row(columns: list[ComparedColumn], *values: Any) -> Any:
    of_runs = {
        column.run.pk: value for column, value in zip(columns, values, strict=True) if value is not ABSENT
    }
    return row_of("key", of_runs, columns)


@pytest.mark.parametrize(
    ("one", "other"),
    [("0.1", "1e-1"), ("0.10", 0.1), ("True", True), ("None", None), (1, 1.0), ([1, 2], [1, 2]), ("a", "a")],
)
def test_values_that_read_the_same_are_the_same(one: Any, other: Any) -> None:
    assert same(one) == same(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a", "b"),
        (1, True),
        (0, False),
        (None, ABSENT),
        ("12345678901234567890", "12345678901234567891"),
        ([1, 2], [2, 1]),
        ("2024_10", "202410"),
        ("12e4567", "34e9999"),
        ("0e12345", "0e67890"),
        (float("nan"), 1.0),
    ],
)
def test_values_that_differ_differ(one: Any, other: Any) -> None:
    assert same(one) != same(other)


def test_nan_is_the_same_as_nan() -> None:
    assert same(float("nan")) == same("nan")


def test_cells_are_measured_against_the_base(columns: list[ComparedColumn]) -> None:
    found = row(columns, "0.2", "0.1", "1e-1")
    assert [(cell.text, cell.differs) for cell in found.cells] == [
        ("0.2", True),
        ("0.1", False),
        ("1e-1", False),
    ]
    assert found.differs


def test_a_value_that_a_run_lacks_is_missing_and_differs(columns: list[ComparedColumn]) -> None:
    found = row(columns, ABSENT, "0.1", "0.1")
    assert [(cell.is_missing, cell.differs) for cell in found.cells] == [
        (True, True),
        (False, False),
        (False, False),
    ]


def test_identical_rows_are_hidden_and_counted(columns: list[ComparedColumn]) -> None:
    pks = [column.run.pk for column in columns]
    values = {"alike": dict.fromkeys(pks, "1"), "other": {pks[0]: "1"}}
    assert rows_of(values, columns, only_differences=False).hidden == 0
    short = rows_of(values, columns, only_differences=True)
    assert ([each.key for each in short.shown], short.hidden, short.differing) == (["other"], 1, 1)


def test_a_table_has_at_most_a_thousand_rows(columns: list[ComparedColumn]) -> None:
    values = {str(number): {columns[0].run.pk: number} for number in range(1_002)}
    found = rows_of(values, columns, only_differences=False)
    assert (len(found.shown), found.cut) == (1_000, 2)


def test_a_group_shows_its_values_and_who_lacks_one(columns: list[ComparedColumn]) -> None:
    runs = tuple(column.run for column in columns)
    group = ComparedColumn("all", 0, runs, is_base=True)
    values = {runs[0].pk: "adam", runs[1].pk: "sgd"}
    (cell,) = row_of("optimizer", values, [group]).cells
    assert (cell.text, cell.value, cell.differs) == ("2 values: adam, sgd (1 of 3 without it)", None, False)


def test_a_group_in_which_nobody_has_a_value_is_missing(columns: list[ComparedColumn]) -> None:
    group = ComparedColumn("all", 0, tuple(column.run for column in columns), is_base=True)
    assert row_of("key", {}, [group]).cells[0].is_missing


def test_a_group_of_many_values_shows_three(columns: list[ComparedColumn]) -> None:
    many = ComparedColumn("all", 0, columns[0].runs * 4, is_base=True)
    values = {columns[0].run.pk: 1}
    assert row_of("n", values, [many]).cells[0].text == "1"
    runs = tuple(compared_runs([RunFactory.create().run_id for _ in range(4)], viewer=UserFactory.create()))
    each = {run.pk: place for place, run in enumerate(runs)}
    assert row_of("n", each, [ComparedColumn("all", 0, runs)]).cells[0].text == "4 values: 0, 1, 2, …"


def test_long_values_are_cut_and_others_are_json() -> None:
    assert len(shown("a" * 1_000)) == 401
    assert (shown({"a": [1, None]}), shown(True), shown("x")) == ('{"a":[1,null]}', "true", "x")


def test_no_rows_differ_in_nothing() -> None:
    assert Rows([]).differing == 0
