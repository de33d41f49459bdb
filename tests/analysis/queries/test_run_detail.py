from collections.abc import Callable

import pytest

from analysis.queries.metric_curves import metric_curves
from analysis.queries.metric_rows import metric_rows
from analysis.queries.run_detail import run_detail
from analysis.queries.run_models import ModelLine
from registry.documents.connection import collection
from registry.enums import OutboxStatus
from registry.exceptions import NotFoundError
from registry.models import OutboxEntry, TrainingRun
from registry.services.run_log import add_note, log_epoch
from registry.services.runs import start_run
from registry.services.tags import set_run_tags
from tests.factories import (
    ArtifactFactory,
    ExperimentFactory,
    LoggedModelFactory,
    MetricFactory,
    ModelVersionFactory,
    UserFactory,
)
from tests.registry.sync.run_notes.moving import forward

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo")]


@pytest.fixture
def run() -> TrainingRun:
    ExperimentFactory(name="e")
    return start_run(experiment="e", config={"optimizer": {"lr": 0.1}}, tags={"team": "a"})


def test_a_run_comes_whole_from_both_stores(run: TrainingRun) -> None:
    for epoch, value in enumerate([0.9, 0.4, 0.6]):
        log_epoch(run_id=run.run_id, epoch=epoch, metrics={"loss": value})
    add_note(run_id=run.run_id, text="Looks good.")
    ModelVersionFactory(run=run, model__name="churn", number=3)
    found = run_detail(run.run_id, viewer=UserFactory())
    (loss,) = metric_rows(found.record.metrics, metric_curves([run.pk]))
    assert found.record.params == [("optimizer.lr", "0.1")]
    assert (loss.key, loss.last, loss.last_step, loss.lowest, loss.highest) == ("loss", 0.6, 2, 0.4, 0.9)
    assert (loss.point_count, loss.values.tolist()) == (3, [0.9, 0.4, 0.6])
    assert found.record.tags == [("team", "a")]
    assert (found.record.model_versions, found.models) == ([("churn", 3)], [])
    assert (found.body.state, found.body.version) == ("in sync", found.record.run.version)
    assert [note.entry["text"] for note in found.body.notes] == ["Looks good."]
    assert found.body.tree is not None
    assert "params" in [node.key for node in found.body.tree.nodes]


def test_the_models_that_it_made_come_with_their_files_and_versions(run: TrainingRun) -> None:
    old, new = (
        LoggedModelFactory(source_run=run, name=name, model_type="sklearn") for name in ("old", "new")
    )
    LoggedModelFactory(source_run=run, lifecycle="deleted", deleted_at=run.started_at)
    for path in ("MLmodel", "model.skops"):
        ArtifactFactory(run=None, logged_model=old, path=path, size_bytes=3)
    for name, number in (("churn", 3), ("abc", 1)):
        ModelVersionFactory(run=run, logged_model=old, model__name=name, number=number)
    assert run_detail(run.run_id, viewer=UserFactory()).models == [
        ModelLine(f"m-{new.model_id}", "new", "sklearn", "PENDING", 0, 0, []),
        ModelLine(f"m-{old.model_id}", "old", "sklearn", "PENDING", 2, 6, ["abc 1", "churn 3"]),
    ]


def test_a_metric_whose_points_were_archived_keeps_its_figures(run: TrainingRun) -> None:
    MetricFactory(run=run, key="old", latest_value=0.5)
    (old,) = metric_rows(run_detail(run.run_id, viewer=UserFactory()).record.metrics, [])
    assert (old.last, old.point_count, old.values.tolist()) == (0.5, 0, [])


def test_a_body_behind_its_row_is_lagging(run: TrainingRun) -> None:
    TrainingRun.objects.filter(pk=run.pk).update(version=9)
    # parked: what is due would be delivered by looking at it
    owed = {"topic": "runs", "document_id": run.run_id, "aggregate_id": run.run_id, "aggregate_version": 9}
    OutboxEntry.objects.create(**owed, status=OutboxStatus.PARKED)
    body = run_detail(run.run_id, viewer=UserFactory()).body
    assert (body.state, body.version, body.wanted_version, body.waiting) == ("lagging", 1, 9, 1)
    assert body.tree is not None


def test_a_body_that_is_not_there_is_missing(run: TrainingRun) -> None:
    collection("runs").delete_one({"_id": run.run_id})
    body = run_detail(run.run_id, viewer=UserFactory()).body
    assert (body.state, body.version) == ("missing", 0)
    assert body.tree is not None
    assert "params" in [node.key for node in body.tree.nodes]


def test_without_mongodb_everything_else_is_there(run: TrainingRun, mongodb_away: Callable[[], None]) -> None:
    set_run_tags(run_id=run.run_id, tags={"still": "written"})
    found = run_detail(run.run_id, viewer=UserFactory())
    assert found.record.tags == [("still", "written"), ("team", "a")]
    assert (found.body.state, found.body.notes) == ("down", [])
    assert found.body.tree is not None
    assert "still" in str(found.body.tree)
    assert "manage.py doctor" in found.body.problem


def test_a_run_that_does_not_exist_is_not_found() -> None:
    with pytest.raises(NotFoundError, match="no run"):
        run_detail("0" * 32, viewer=UserFactory())


def test_notes_that_have_moved_are_there_without_mongodb(
    run: TrainingRun, request: pytest.FixtureRequest
) -> None:
    add_note(run_id=run.run_id, text="Looks good.")
    forward(4)
    request.getfixturevalue("mongodb_away")
    body = run_detail(run.run_id, viewer=UserFactory()).body
    assert (body.state, [note.entry["text"] for note in body.notes]) == ("down", ["Looks good."])
