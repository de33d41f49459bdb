"""The comparison whole, with MongoDB and Redis."""

from collections.abc import Callable
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from analysis.queries.comparison.export import _series, comparison_table
from analysis.queries.comparison.page import Comparison, comparison
from analysis.queries.comparison.state import ComparisonState
from analysis.queries.comparison.values import Cell, Row, shown
from registry.documents.connection import collection
from registry.enums import OutboxStatus
from registry.models import OutboxEntry, TrainingRun
from registry.services.run_log import log_epoch
from registry.services.runs import end_run, start_run
from tests.factories import DatasetFactory, ExperimentFactory, UserFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("mongo", "redis_keys"),
]

ENVIRONMENT = {"python": "3.11", "packages": {"numpy": "2.4"}, "git": {"commit": "abc"}}


@pytest.fixture
def runs() -> list[TrainingRun]:
    """Two ended runs that differ in their learning rate and their loss."""
    ExperimentFactory.create(name="e")
    DatasetFactory.create(name="d")
    made = []
    for lr in (0.1, 0.01):
        config = {"optimizer": {"lr": lr, "name": "adam"}}
        run = start_run(
            experiment="e", dataset="d", config=config, tags={"mlflow.user": "ada"}, environment=ENVIRONMENT
        )
        for epoch in range(2):
            log_epoch(run_id=run.run_id, epoch=epoch, metrics={"loss": lr / (epoch + 1)})
        end_run(run_id=run.run_id)
        made.append(run)
    return made


def compare(runs: list[TrainingRun], **state: Any) -> Comparison:
    asked = ComparisonState(run_ids=tuple(run.run_id for run in runs), **state)
    found = comparison(asked, viewer=UserFactory.create())
    assert found is not None
    return found


def test_runs_stand_side_by_side_out_of_all_stores(runs: list[TrainingRun]) -> None:
    found = compare(runs)
    assert [row.key for row in found.metrics.shown] == ["loss"]
    assert {section.name: len(section.rows.shown) for section in found.sections if section.rows.shown} == {
        "params": 2,
        "datasets": 4,
        "code": 2,
        "environment": 2,
    }
    assert [branch.key for branch in found.config.top.branches] == ["params"]
    assert [(row.state, row.redis_state, row.boards) for row in found.stores.rows] == [
        ("in sync",) * 2 + (1,)
    ] * 2
    assert found.stores.behind == []
    assert (found.curve_keys, found.group, found.groups) == (["loss"], "", None)


def test_only_differences_hides_what_is_the_same_everywhere(runs: list[TrainingRun]) -> None:
    found = compare(runs, only_differences=True)
    shown = [row.key for section in found.sections for row in section.rows.shown]
    assert shown == ["optimizer.lr"]
    assert found.config.top.hidden == 1


def test_grouped_runs_are_columns_together(runs: list[TrainingRun]) -> None:
    found = compare(runs, group="params.optimizer.lr")
    assert [column.label for column in found.columns] == ["0.1", "0.01"]
    assert found.groups == {runs[0].run_id: "0.1", runs[1].run_id: "0.01"}


def test_a_comparison_of_nothing_is_none() -> None:
    assert comparison(ComparisonState(run_ids=("0" * 32,)), viewer=UserFactory.create()) is None


def test_a_body_that_mongodb_lacks_comes_from_postgresql(runs: list[TrainingRun]) -> None:
    collection("runs").delete_one({"_id": runs[0].run_id})
    found = compare(runs)
    assert [row.state for row in found.stores.rows] == ["missing", "in sync"]
    assert found.config.top.differing == 1
    assert [row.run.run_id for row in found.stores.behind] == [runs[0].run_id]


def test_a_body_on_its_way_is_lagging(runs: list[TrainingRun]) -> None:
    run_id = runs[0].run_id
    owed = {"topic": "runs", "document_id": run_id, "aggregate_id": run_id, "aggregate_version": 9}
    OutboxEntry.objects.create(**owed, status=OutboxStatus.PARKED)
    row = compare(runs).stores.rows[0]
    assert (row.state, row.waiting) == ("lagging", 1)


def test_without_mongodb_the_configs_are_postgresqls_copies(
    runs: list[TrainingRun], mongodb_away: Callable[[], None]
) -> None:
    found = compare(runs)
    assert "manage.py doctor" in found.bodies.problem
    assert {row.state for row in found.stores.rows} == {"down"}
    assert found.config.top.differing == 1


def test_a_body_too_large_to_lay_beside_others_is_named(
    runs: list[TrainingRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.queries.comparison.bodies.MOST_BYTES", 100)
    found = compare(runs)
    assert found.bodies.too_large == [run.run_id for run in runs]
    assert found.config.top.leaves == 0


def test_a_copy_too_large_is_named_as_well_while_mongodb_is_away(
    runs: list[TrainingRun], mongodb_away: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("analysis.queries.comparison.bodies.MOST_BYTES", 100)
    found = compare(runs)
    assert found.bodies.problem
    assert found.bodies.too_large == [run.run_id for run in runs]
    assert found.config.top.leaves == 0


def test_without_redis_its_column_says_so(runs: list[TrainingRun], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise RedisConnectionError

    monkeypatch.setattr("features.online.run_traces.store", refuse)
    found = compare(runs)
    assert {row.redis_state for row in found.stores.rows} == {"down"}
    assert found.stores.redis_problem


def test_the_table_of_a_comparison_has_what_the_page_shows(runs: list[TrainingRun]) -> None:
    table = comparison_table(compare(runs, only_differences=True, show="last"))
    rows = [dict(zip([column.name for column in table.columns], row, strict=True)) for row in table.rows]
    assert {column.name: column.kind for column in table.columns} == {
        "run_id": "text",
        "name": "text",
        "status": "text",
        "started_at": "time",
        "duration_seconds": "number",
        "metrics.loss": "number",
        "metrics.loss.step": "number",
        "params.optimizer.lr": "number",
        "config.params.optimizer.lr": "number",
    }
    assert [(row["run_id"], row["metrics.loss"], row["params.optimizer.lr"]) for row in rows] == [
        (runs[0].run_id, 0.05, 0.1),
        (runs[1].run_id, 0.005, 0.01),
    ]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "0.5", "1e-05"], "number"),
        ([0.5, 3], "number"),
        (["00123", "1"], "text"),
        (["2024_10", "1"], "text"),
        (["9223372036854775807", "1"], "text"),
        ([2**60, 1], "text"),
        (["1e400", "nan"], "text"),
        ([True, 1], "text"),
    ],
)
def test_only_what_a_number_gives_back_as_it_was_becomes_one(values: list[Any], kind: str) -> None:
    row = Row("key", [Cell(shown(value), value) for value in values], differs=True)
    column, cells = _series("params.key", row)
    assert column.kind == kind
    assert [str(cell) for cell in cells] == [shown(value) for value in values] or kind == "number"


def test_the_table_of_groups_has_a_row_a_group(runs: list[TrainingRun]) -> None:
    table = comparison_table(compare(runs, group="params.optimizer.lr"))
    rows = [dict(zip([column.name for column in table.columns], row, strict=True)) for row in table.rows]
    assert [(row["group"], row["runs"]) for row in rows] == [("0.1", 1), ("0.01", 1)]
    assert [(row["metrics.loss.min"], row["metrics.loss.max"]) for row in rows] == [
        (0.05, 0.05),
        (0.005, 0.005),
    ]
    assert rows[0]["run_ids"] == runs[0].run_id
    assert rows[0]["params.optimizer.name"] == "adam"
