"""Trains one declared run and returns all it left behind. Plain Python, no Django."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from sklearn.metrics import confusion_matrix
from threadpoolctl import threadpool_limits

from features.seeding import model_files, plots, scoring
from features.seeding.datasets import Split, split
from features.seeding.families import FAMILIES, Family
from features.seeding.results import Checkpoint, Epoch, StoredFile, TrainedRun
from features.seeding.sweep import DeclaredRun

SKOPS, PNG, JSON = "application/octet-stream", "image/png", "application/json"
CHECKPOINTED = ("mlp",)  # the one family whose half-trained models people go back to


def train(run: DeclaredRun) -> TrainedRun:
    """Train, score after each epoch on seen and unseen rows, and once at the end on the test rows.

    The same declared run gives the same numbers and the same bytes, times apart.
    """
    started_at = datetime.now(UTC)
    rows, family = split(run.dataset, run.seed), FAMILIES[run.family]
    epochs: list[Epoch] = []
    checkpoints: list[Checkpoint] = []
    # Sums of several threads differ in the last digit, and two workers share the cores already.
    with threadpool_limits(limits=1):
        for number, model in enumerate(family.fit(run.config, rows, run.seed), start=1):
            epochs.append(_score_epoch(number, model, rows))
            if run.family in CHECKPOINTED and number % 10 == 0:
                checkpoints.append(_checkpoint(model, epochs[-1]))
        scores = scoring.fully_scored(model, run.task, rows.x_test, rows.y_test)
        ended_at = datetime.now(UTC)
        files = _files(run, family, model, rows, epochs)
    return TrainedRun(
        run_id=run.run_id,
        epochs=epochs,
        scores=scores,
        files=files,
        checkpoints=checkpoints,
        facts=_facts(run, family, model),
        started_at=started_at,
        ended_at=ended_at,
    )


def _score_epoch(number: int, model: Any, rows: Split) -> Epoch:
    seen = scoring.scored(model, rows.task, rows.x_train, rows.y_train)
    unseen = scoring.scored(model, rows.task, rows.x_val, rows.y_val)
    metrics = {f"train_{name}": value for name, value in seen.items()}
    metrics |= {f"val_{name}": value for name, value in unseen.items()}
    return Epoch(number, metrics, datetime.now(UTC))


def _checkpoint(model: Any, epoch: Epoch) -> Checkpoint:
    path = f"checkpoints/epoch-{epoch.number:03d}.skops"
    file = StoredFile(path, SKOPS, model_files.to_bytes(model))
    return Checkpoint(epoch=epoch.number, file=file, metrics=epoch.metrics)


def _facts(run: DeclaredRun, family: Family, model: Any) -> dict[str, str]:
    return {
        "task": run.task,
        "estimator": type(model.named_steps["estimator"]).__name__,
        "epoch": family.epoch_is,
        "loss": scoring.loss_name(model, run.task),
        "seeded": "true",
    }


def _files(
    run: DeclaredRun, family: Family, model: Any, rows: Split, epochs: Sequence[Epoch]
) -> list[StoredFile]:
    title = f"{run.dataset}: {run.name}"
    loss = scoring.loss_name(model, run.task)
    curve = plots.learning_curve(epochs, title=title, epoch_is=family.epoch_is, loss=loss)
    return [
        StoredFile("model/model.skops", SKOPS, model_files.to_bytes(model)),
        StoredFile("plots/learning_curve.png", PNG, curve),
        *_outcome(title, model, rows),
    ]


def _outcome(title: str, model: Any, rows: Split) -> list[StoredFile]:
    """The confusion matrix of a classifier; a regression's predictions against the truth."""
    predicted = model.predict(rows.x_test)
    if rows.task == "regression":
        picture = plots.predicted_against_actual(rows.y_test, predicted, title=title)
        table = {"actual": rows.y_test.tolist(), "predicted": np.asarray(predicted).tolist()}
        return [
            StoredFile("plots/predicted_against_actual.png", PNG, picture),
            StoredFile("evaluation/predictions.json", JSON, json.dumps(table).encode()),
        ]
    counts = confusion_matrix(rows.y_test, predicted).tolist()
    picture = plots.confusion_matrix(counts, labels=rows.class_names, title=title)
    table = {"labels": list(rows.class_names), "counts": counts}
    return [
        StoredFile("plots/confusion_matrix.png", PNG, picture),
        StoredFile("evaluation/confusion_matrix.json", JSON, json.dumps(table).encode()),
    ]
