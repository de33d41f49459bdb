import json
from functools import cache

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor

from features.predicting.skops_files import UNCHECKED_TYPES, read_skops
from features.seeding import scoring
from features.seeding.datasets import split
from features.seeding.families import FAMILIES
from features.seeding.results import TrainedRun
from features.seeding.sweep import DeclaredRun, declared_runs
from features.seeding.trainer import train

# One small run of each family and task: the whole sweep is trained by the command's own test.
SMALLEST = {(run.family, run.task): run for run in reversed(declared_runs())}.values()
SMALL = [
    next((run for run in declared_runs() if run.family == big.family and run.dataset == "wine"), big)
    if big.task == "classification"
    else big
    for big in SMALLEST
]
every_family = pytest.mark.parametrize("run", SMALL, ids=lambda run: f"{run.dataset}-{run.name}")


@cache
def trained(name: str, dataset: str) -> TrainedRun:
    return train(declared(name, dataset))


def declared(name: str, dataset: str) -> DeclaredRun:
    return next(run for run in declared_runs() if (run.name, run.dataset) == (name, dataset))


def baseline(run: DeclaredRun) -> dict[str, float]:
    rows = split(run.dataset, run.seed)
    dummy = DummyClassifier() if run.task == "classification" else DummyRegressor()
    dummy.fit(rows.x_train, rows.y_train)
    return dict(scoring.scored(dummy, run.task, rows.x_test, rows.y_test))


def test_every_family_and_both_tasks_are_covered_here() -> None:
    assert {run.family for run in SMALL} == set(FAMILIES)
    assert {run.task for run in SMALL} == {"classification", "regression"}


@every_family
def test_a_family_beats_guessing(run: DeclaredRun) -> None:
    quality = "accuracy" if run.task == "classification" else "r2"
    assert trained(run.name, run.dataset).scores[quality] > baseline(run)[quality] + 0.2


@every_family
def test_epochs_are_numbered_from_1_and_scored_on_seen_and_unseen_rows(run: DeclaredRun) -> None:
    epochs = trained(run.name, run.dataset).epochs
    quality = "accuracy" if run.task == "classification" else "r2"
    assert [epoch.number for epoch in epochs] == list(range(1, len(epochs) + 1))
    assert len(epochs) >= 5
    for epoch in epochs:
        assert set(epoch.metrics) == {
            "train_loss",
            f"train_{quality}",
            "val_loss",
            f"val_{quality}",
        }


@every_family
def test_training_lowers_the_validation_loss(run: DeclaredRun) -> None:
    losses = [epoch.metrics["val_loss"] for epoch in trained(run.name, run.dataset).epochs]
    assert min(losses[1:]) < losses[0]


@every_family
def test_training_twice_gives_the_same_numbers(run: DeclaredRun) -> None:
    once, again = trained(run.name, run.dataset), train(run)
    assert once.scores == again.scores
    assert once.epochs == again.epochs
    assert pictures(once) == pictures(again)


def pictures(run: TrainedRun) -> dict[str, bytes]:
    return {file.path: file.content for file in run.files if file.media_type == "image/png"}


@every_family
def test_the_stored_model_scores_what_the_run_says(run: DeclaredRun) -> None:
    result, rows = trained(run.name, run.dataset), split(run.dataset, run.seed)
    model = read_skops(result.files[0].content, trusted=sorted(UNCHECKED_TYPES))
    assert scoring.fully_scored(model, run.task, rows.x_test, rows.y_test) == result.scores


def test_a_classifier_leaves_a_model_a_curve_and_a_confusion_matrix() -> None:
    run = trained("svm-sigmoid", "wine")
    assert [file.path for file in run.files] == [
        "model/model.skops",
        "plots/learning_curve.png",
        "plots/confusion_matrix.png",
        "evaluation/confusion_matrix.json",
    ]
    matrix = json.loads(run.files[3].content)
    counts = np.array(matrix["counts"])
    assert matrix["labels"] == ["class_0", "class_1", "class_2"]
    assert counts.trace() / counts.sum() == pytest.approx(run.scores["accuracy"])


def test_a_regression_leaves_its_predictions_against_the_truth() -> None:
    run = trained("ridge", "diabetes")
    table = json.loads(run.files[3].content)
    errors = np.array(table["actual"]) - np.array(table["predicted"])
    assert run.files[2].path == "plots/predicted_against_actual.png"
    assert np.mean(errors**2) == pytest.approx(run.scores["loss"])


def test_pictures_are_png_files() -> None:
    assert all(content.startswith(b"\x89PNG") for content in pictures(trained("ridge", "diabetes")).values())


def test_a_perceptron_keeps_half_trained_models() -> None:
    run = trained("mlp-16", "wine")
    assert [checkpoint.epoch for checkpoint in run.checkpoints] == [10, 20, 30]
    rows = split("wine", declared("mlp-16", "wine").seed)
    half = read_skops(run.checkpoints[0].file.content)
    scores = scoring.scored(half, "classification", rows.x_val, rows.y_val)
    assert scores["loss"] == run.epochs[9].metrics["val_loss"]


def test_a_run_says_what_its_epochs_and_its_loss_are() -> None:
    facts = trained("svm-sigmoid", "wine").facts
    assert facts["epoch"] == "share of the training rows"
    assert facts["loss"] == "hinge loss"
    assert facts["estimator"] == "SVC"


def test_another_seed_trains_another_model() -> None:
    run = declared("mlp-16", "wine")
    other = next(r for r in declared_runs(2) if r.name == "mlp-16-seed-1" and r.dataset == "wine")
    assert train(other).scores != trained(run.name, run.dataset).scores
