import math

import pytest

from registry.documents.connection import collection
from registry.exceptions import BadInputError, ParamConflictError
from registry.models import MetricPoint, RunTag, TrainingRun
from registry.queries.runs import metric_history
from registry.services.params import log_params
from registry.services.run_log import add_note, log_checkpoint, log_epoch
from registry.services.runs import start_run
from registry.services.tags import delete_run_tags, set_run_tags
from registry.sync.run_bodies import run_log
from tests.factories import ExperimentFactory, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo")]


@pytest.fixture
def run_id() -> str:
    ExperimentFactory(name="e")
    return str(start_run(experiment="e").run_id)


def test_epochs_are_points_in_postgresql_and_records_in_mongodb(run_id: str) -> None:
    for epoch in range(3):
        log_epoch(run_id=run_id, epoch=epoch, metrics={"val.loss": 1 / (epoch + 1)}, details={"lr": 0.1})
    assert [p.value for p in metric_history(run_id=run_id, key="val.loss")] == [1.0, 0.5, 1 / 3]
    records = run_log(run_id, "epoch")
    assert [each.key for each in records] == ["0", "1", "2"]
    assert records[1].entry["metrics"] == {"val.loss": 0.5}
    assert records[1].entry["details"] == {"lr": 0.1}


def test_epochs_are_kept_in_buckets_of_a_hundred(run_id: str) -> None:
    for epoch in (0, 99, 100, 250):
        log_epoch(run_id=run_id, epoch=epoch, metrics={"loss": 1.0})
    assert len(run_log(run_id, "epoch")) == 4
    buckets = collection("run_logs").find({"run_id": run_id}).sort("bucket")
    assert [(bucket["bucket"], sorted(bucket["entries"])) for bucket in buckets] == [
        (0, ["0", "99"]), (1, ["100"]), (2, ["250"]),
    ]  # fmt: skip


def test_an_epoch_logged_again_replaces_its_record(run_id: str) -> None:
    log_epoch(run_id=run_id, epoch=1, metrics={"loss": 1.0})
    log_epoch(run_id=run_id, epoch=1, metrics={"loss": 0.5})
    assert [each.entry["metrics"] for each in run_log(run_id, "epoch")] == [{"loss": 0.5}]


def test_a_nan_epoch_survives_in_both_stores(run_id: str) -> None:
    log_epoch(run_id=run_id, epoch=0, metrics={"loss": math.nan})
    assert math.isnan(metric_history(run_id=run_id, key="loss")[0].value)
    assert math.isnan(run_log(run_id, "epoch")[0].entry["metrics"]["loss"])


def test_checkpoints_and_notes_are_kept(run_id: str) -> None:
    log_checkpoint(run_id=run_id, step=500, artifact_path="checkpoints/500.skops", details={"loss": 0.1})
    add_note(run_id=run_id, text="Überraschend gut ✓ $set a.b", user=UserFactory(username="ada"))
    add_note(run_id=run_id, text="second")
    assert [each.entry["artifact_path"] for each in run_log(run_id, "checkpoint")] == [
        "checkpoints/500.skops"
    ]
    notes = [each.entry for each in run_log(run_id, "note")]
    assert [(note["text"], note["by"]) for note in notes] == [
        ("Überraschend gut ✓ $set a.b", "ada"), ("second", ""),
    ]  # fmt: skip


def test_tags_can_be_set_changed_and_deleted_in_both_stores(run_id: str) -> None:
    set_run_tags(run_id=run_id, tags={"a": "1", "b.c": "$x"})
    set_run_tags(run_id=run_id, tags={"a": "2"})
    assert delete_run_tags(run_id=run_id, keys=["b.c", "none"]) == 1
    assert dict(RunTag.objects.values_list("key", "value")) == {"a": "2"}
    document = collection("runs").find_one({"_id": run_id})
    assert document is not None
    assert document["tags"] == [{"k": "a", "v": "2"}]


def test_every_change_is_a_version_and_mongodb_follows(run_id: str) -> None:
    log_params(run_id=run_id, params={"a": 1})
    set_run_tags(run_id=run_id, tags={"t": "x"})
    add_note(run_id=run_id, text="n")
    run = TrainingRun.objects.get(run_id=run_id)
    assert (run.version, run.body_version) == (4, 4)


def test_bad_input_changes_nothing(run_id: str) -> None:
    log_params(run_id=run_id, params={"a": 1})
    for call in (
        lambda: log_epoch(run_id=run_id, epoch=-1, metrics={"loss": 1.0}),
        lambda: log_epoch(run_id=run_id, epoch=1, metrics={"loss": 1.0}, details={"x": object()}),
        lambda: log_epoch(run_id=run_id, epoch=1, metrics={"": 1.0}),
        lambda: log_checkpoint(run_id=run_id, step=-1),
        lambda: add_note(run_id=run_id, text="  "),
        lambda: add_note(run_id=run_id, text="x" * 100_001),
        lambda: set_run_tags(run_id=run_id, tags={"k" * 251: "v"}),
    ):
        with pytest.raises(BadInputError):
            call()
    with pytest.raises(ParamConflictError):
        log_params(run_id=run_id, params={"a": 2})
    assert TrainingRun.objects.get(run_id=run_id).version == 2
    assert MetricPoint.objects.count() == 0
    assert collection("run_logs").count_documents({}) == 0
