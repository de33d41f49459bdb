import io
from pathlib import Path

import numpy as np
import pytest

from registry.exceptions import (
    ArtifactError,
    BadInputError,
    DuplicateNameError,
    NotFoundError,
    StoreUnavailableError,
)
from registry.models import AuditEntry, Experiment, TrainingRun
from registry.sync.run_bodies import run_body, run_log
from registry.tracking import EpochCallback, Tracker
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo")]


@pytest.fixture
def tracker() -> Tracker:
    UserFactory(username="ada")
    return Tracker(user="ada")


def test_a_training_is_recorded_from_start_to_end(tracker: Tracker, tmp_path: Path) -> None:
    tracker.create_dataset("digits", digest="a" * 64, row_count=1_797)
    (tmp_path / "plots").mkdir()
    (tmp_path / "plots" / "curve.png").write_bytes(b"png")
    with tracker.start_run(
        experiment="vision", name="mlp", model_name="mlp", framework="scikit-learn", dataset="digits",
        config={"model": {"layers": [64, 32]}}, tags={"team": "blue"},
    ) as run:  # fmt: skip
        run.log_params({"optimizer": {"lr": 0.01}})
        run.log_param("seed", 7)
        for epoch in range(5):
            run.log_epoch(epoch, {"loss": 1 / (epoch + 1), "accuracy": epoch / 10}, details={"lr": 0.01})
        run.log_metrics({"test_accuracy": np.float32(0.5)})
        run.log_metric("grad_norm", np.float64(2.5), step=3)
        run.log_checkpoint(4, artifact_path="checkpoints/4.skops")
        run.log_artifact(io.BytesIO(b"model"), path="checkpoints/4.skops")
        run.log_artifact(tmp_path / "plots" / "curve.png")
        run.log_artifact(str(tmp_path / "plots" / "curve.png"), path="again.png")
        run.log_artifacts(tmp_path, path="all")
        run.log_bytes(b"{}", path="notes.json")
        run.set_tags({"best": "yes", "temporary": "x"})
        run.delete_tags("temporary")
        run.add_note("converged early")

    summary = tracker.get_run(run.run_id)
    assert (summary.status, summary.accuracy, summary.loss) == ("FINISHED", 0.4, 0.2)
    assert summary.params == {"model.layers": "[64,32]", "optimizer.lr": "0.01", "seed": "7"}
    assert summary.tags == {"best": "yes", "team": "blue"}
    assert summary.metrics["test_accuracy"] == 0.5
    assert summary.metrics["grad_norm"] == 2.5
    assert [point.value for point in tracker.history(run.run_id, "loss")] == [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5]
    row = TrainingRun.objects.get(run_id=run.run_id)
    assert sorted(row.artifacts.values_list("path", flat=True)) == [
        "again.png", "all/plots/curve.png", "checkpoints/4.skops", "curve.png", "notes.json",
    ]  # fmt: skip
    view = run_body(row)
    assert view.is_current
    assert view.body is not None
    assert view.body["params"] == {"model": {"layers": [64, 32]}, "optimizer": {"lr": 0.01}, "seed": 7}
    assert view.body["environment"]["packages"]["numpy"] == np.__version__
    assert len(run_log(run.run_id, "epoch")) == 5
    assert run_log(run.run_id, "note")[0].entry["by"] == "ada"


def test_an_exception_fails_the_run_and_goes_on(tracker: Tracker) -> None:
    run = tracker.start_run(experiment="e")
    with pytest.raises(ZeroDivisionError), run:
        _ = 1 / 0
    row = TrainingRun.objects.get()
    assert (row.status, row.failure_reason) == ("FAILED", "ZeroDivisionError: division by zero")


def test_ctrl_c_kills_the_run(tracker: Tracker) -> None:
    run = tracker.start_run(experiment="e")
    with pytest.raises(KeyboardInterrupt), run:
        raise KeyboardInterrupt
    assert tracker.status(run.run_id) == "KILLED"


def test_a_run_that_can_not_be_failed_does_not_hide_the_reason(tracker: Tracker) -> None:
    run = tracker.start_run(experiment="e")
    run.end()
    with pytest.raises(ZeroDivisionError), run:
        _ = 1 / 0
    assert tracker.status(run.run_id) == "FINISHED"


def test_an_experiment_and_a_dataset_are_created_once(tracker: Tracker) -> None:
    assert tracker.create_experiment("e") == tracker.create_experiment("e")
    assert tracker.create_dataset("d", digest="a") == tracker.create_dataset("d", digest="a")
    with pytest.raises(DuplicateNameError):
        tracker.create_dataset("d", digest="b")
    assert Experiment.objects.count() == 1


def test_a_run_can_be_resumed(tracker: Tracker) -> None:
    with tracker.start_run(experiment="e") as first:
        first.log_metric("loss", 1.0, step=0)
    assert tracker.run_exists(first.run_id)
    with tracker.resume_run(first.run_id) as again:
        assert tracker.status(first.run_id) == "RUNNING"
        again.log_metric("loss", 0.5, step=1)
    assert [point.value for point in tracker.history(first.run_id, "loss")] == [1.0, 0.5]


def test_best_runs_are_finished_ones_in_order_without_nan(tracker: Tracker) -> None:
    for name, score in [("low", 0.1), ("high", 0.9), ("nan", float("nan")), ("mid", 0.5)]:
        with tracker.start_run(experiment="e", name=name) as run:
            run.log_metric("score", score)
    tracker.start_run(experiment="e", name="open").log_metric("score", 1.0)
    assert [run.name for run in tracker.best_runs(metric="score")] == ["high", "mid", "low"]
    assert [run.name for run in tracker.best_runs(metric="score", lower_is_better=True, limit=1)] == ["low"]
    assert tracker.best_runs(metric="score", experiment="other") == []
    assert tracker.best_runs(metric="score", dataset="none") == []
    with pytest.raises(BadInputError, match="between 1 and 1000"):
        tracker.best_runs(limit=0)


def test_runs_are_found_by_every_field_and_tag(tracker: Tracker) -> None:
    tracker.create_dataset("d", digest="a")
    with tracker.start_run(
        experiment="e", name="Überlauf", model_name="forest", framework="sklearn", dataset="d",
        config={"lr": 0.1, "deep": {"name": "x"}}, tags={"k": "v"},
    ) as run:  # fmt: skip
        run.log_metric("auc", 0.8)
    tracker.start_run(experiment="other")
    conditions: list[dict[str, object]] = [
        {"experiment": "e"}, {"dataset": "d"}, {"model_name": "forest"}, {"framework": "sklearn"},
        {"status": "FINISHED"}, {"text": "überl"}, {"params": {"lr": 0.1}}, {"params": {"deep.name": "x"}},
        {"tags": {"k": "v"}}, {"min_metrics": {"auc": 0.8}},
    ]  # fmt: skip
    for condition in conditions:
        assert [found.run_id for found in tracker.search_runs(**condition)] == [run.run_id], condition
    assert tracker.search_runs(params={"lr": 0.2}) == []
    assert tracker.search_runs(min_metrics={"auc": 0.81}) == []
    assert len(tracker.search_runs()) == 2


def test_runs_are_compared_side_by_side(tracker: Tracker) -> None:
    ids = []
    for lr in (0.1, 0.2):
        with tracker.start_run(experiment="e", config={"lr": lr, "same": 1}) as run:
            run.log_metric("loss", lr)
        ids.append(run.run_id)
    comparison = tracker.compare_runs(ids)
    assert comparison.params == {"lr": ["0.1", "0.2"], "same": ["1", "1"]}
    assert comparison.differing_params == {"lr": ["0.1", "0.2"]}
    assert comparison.metrics == {"loss": [0.1, 0.2]}
    with pytest.raises(NotFoundError, match="f" * 32):
        tracker.compare_runs([*ids, "f" * 32])


def test_epochs_come_by_callback(tracker: Tracker) -> None:
    with tracker.start_run(experiment="e") as run:
        callback = EpochCallback(run, every=2)
        callback.set_params({"epochs": 4})
        callback.set_model(object())
        for epoch in range(4):
            callback.on_epoch_end(epoch, {"loss": float(epoch)})
        callback.on_train_end()
        EpochCallback(run)(4, loss=4.0)
    assert [point.step for point in tracker.history(run.run_id, "loss")] == [0, 2, 3, 4]
    assert tracker.get_run(run.run_id).params == {"training.epochs": "4"}


@pytest.mark.parametrize("value", ["0.5", None, True, [1.0], object()])
def test_a_metric_that_is_no_number_is_refused(tracker: Tracker, value: float) -> None:
    run = tracker.start_run(experiment="e")
    with pytest.raises(BadInputError, match="must be a number"):
        run.log_metric("loss", value)


def test_an_open_file_needs_a_path(tracker: Tracker) -> None:
    run = tracker.start_run(experiment="e")
    with pytest.raises(BadInputError, match="give the artifact a path"):
        run.log_artifact(io.BytesIO(b"x"))


def test_a_missing_file_is_told_plainly(tracker: Tracker) -> None:
    with pytest.raises(ArtifactError, match="can't be read"):
        tracker.start_run(experiment="e").log_artifact("/no/such/file")


def test_an_unknown_user_is_told_plainly() -> None:
    with pytest.raises(NotFoundError, match="no user named 'nobody'"):
        Tracker(user="nobody")


def test_a_tracker_without_a_user_records_too() -> None:
    with Tracker().start_run(experiment="e") as run:
        run.add_note("anonymous, in process")
    assert TrainingRun.objects.get(run_id=run.run_id).created_by is None


def test_a_body_is_told_to_be_away_while_mongodb_is(tracker: Tracker, mongodb_away: None) -> None:
    run = tracker.start_run(experiment="e")
    with pytest.raises(StoreUnavailableError, match="manage.py doctor"):
        run_body(TrainingRun.objects.get(run_id=run.run_id))


def test_what_a_tracker_does_is_its_users_in_the_audit_trail() -> None:
    tracker = Tracker(user=UserFactory(username="ada").username)
    with tracker.start_run(experiment="e") as run:
        run.set_custom({"seed": 7})
    Tracker().resume_run(run.run_id)
    trail = AuditEntry.objects.filter(subject_id=run.run_id).order_by("id")
    assert [(entry.action, entry.username, entry.channel) for entry in trail] == [
        ("run.start", "ada", "tracker"), ("run.custom", "ada", "tracker"),
        ("run.finished", "ada", "tracker"), ("run.running", "", "tracker"),
    ]  # fmt: skip


def test_a_repeated_start_continues_the_same_run() -> None:
    first, second = (Tracker().start_run(experiment="e", idempotency_key="k") for _ in range(2))
    assert first.run_id == second.run_id
    for _ in range(2):
        second.add_note("once", idempotency_key="n")
    assert len(run_log(first.run_id, "note")) == 1


def test_a_run_that_is_over_is_registered_whole() -> None:
    run = Tracker().register_run(experiment="e", metrics={"accuracy": 0.5}, artifacts={"a.txt": b"x"})
    assert (run.status, run.accuracy, run.artifacts.count()) == ("FINISHED", 0.5, 1)
