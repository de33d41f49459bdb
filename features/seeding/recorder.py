"""Trains the declared runs that are absent and records them through the tracker."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from features.seeding.pool import Workers, workers
from features.seeding.results import DatasetFacts, Epoch, TrainedRun
from features.seeding.sweep import DeclaredRun, declared_runs
from registry.models import TrainingRun
from registry.services.runs import end_run
from registry.tracking import ActiveRun, Tracker


def absent_runs(scale: int) -> list[DeclaredRun]:
    """The declared runs that are not on record, in the order declared."""
    runs = declared_runs(scale)
    ids = [run.run_id for run in runs]
    known = set(TrainingRun.objects.filter(run_id__in=ids).values_list("run_id", flat=True))
    return [run for run in runs if run.run_id not in known]


@dataclass(frozen=True, slots=True)
class Trainings:
    """Runs in training, with the facts of their data sets; both come in the order declared."""

    runs: Sequence[DeclaredRun]
    facts: Iterator[DatasetFacts]
    results: Iterator[TrainedRun]
    pool: Workers


@contextmanager
def training(runs: Sequence[DeclaredRun], *, processes: int) -> Iterator[Trainings]:
    """Starts to train in ``processes`` other processes; they are gone when the block is left."""
    datasets = list(dict.fromkeys(run.dataset for run in runs))
    with workers(processes) as pool:
        yield Trainings(runs, pool.describe(datasets), pool.train(runs), pool)


def store_runs(trainings: Trainings, *, tracker: Tracker) -> Iterator[DeclaredRun]:
    """Records each run as its training ends; yields it once it is on record."""
    for facts in trainings.facts:
        _record_dataset(tracker, facts)
    for run, result in zip(trainings.runs, trainings.results, strict=True):
        _record(tracker, run, result)
        yield run


@contextmanager
def recorded(tracker: Tracker, result: TrainedRun, *, experiment: str, **details: Any) -> Iterator[ActiveRun]:
    """The run of a training, for what is its own; leaving the block adds scores and files, and ends it.

    All of a run or nothing of it: a killed seeding leaves no half-recorded run behind.

    Args:
        details: those of :func:`registry.services.runs.start_run` that the training does not tell.
    """
    with (
        transaction.atomic(),
        tracker.start_run(
            experiment=experiment,
            run_id=result.run_id,
            tags=result.facts,
            started_at=result.started_at,
            **details,
        ) as active,
    ):
        yield active
        active.log_metrics(result.scores, at=result.ended_at)
        _record_files(active, result)
        end_run(run_id=result.run_id, ended_at=result.ended_at)  # when training ended, not recording


def _record_dataset(tracker: Tracker, facts: DatasetFacts) -> None:
    tracker.create_dataset(
        facts.name,
        digest=facts.digest,
        row_count=facts.rows,
        feature_count=facts.features,
        source=facts.source,
        description=facts.description,
    )
    tracker.create_experiment(
        f"{facts.name}-{facts.task}",
        description=f"Which family of models learns {facts.name} best?",
        tags={"task": facts.task, "dataset": facts.name, "seeded": "true"},
    )


def _record(tracker: Tracker, run: DeclaredRun, result: TrainedRun) -> None:
    with recorded(
        tracker,
        result,
        experiment=run.experiment,
        name=run.name,
        model_name=run.family,
        framework="scikit-learn",
        dataset=run.dataset,
        config={**run.config, "seed": run.seed},
    ) as active:
        for epoch in result.epochs:
            active.log_epoch(epoch.number, epoch.metrics, at=epoch.ended_at)
        active.add_note(_best_epoch(result.epochs))


def _record_files(active: ActiveRun, result: TrainedRun) -> None:
    for file in result.files:
        active.log_bytes(file.content, path=file.path, media_type=file.media_type)
    for checkpoint in result.checkpoints:
        file = checkpoint.file
        active.log_bytes(file.content, path=file.path, media_type=file.media_type)
        active.log_checkpoint(checkpoint.epoch, artifact_path=file.path, details=checkpoint.metrics)


def _best_epoch(epochs: Sequence[Epoch]) -> str:
    best = min(epochs, key=lambda epoch: epoch.metrics["val_loss"])
    return (
        f"Lowest validation loss {best.metrics['val_loss']:.4g} after epoch {best.number} of {len(epochs)}."
    )
