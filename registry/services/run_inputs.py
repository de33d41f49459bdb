"""Saying what a run read: datasets, each in some context, and logged models."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db import transaction

from registry.documents import plain
from registry.exceptions import BadInputError
from registry.models import Dataset, LoggedModel, RunInput, RunModel, TrainingRun
from registry.sync import run_body

from .dataset_inputs import GivenDataset, ensure_dataset
from .run_rows import bump, lock_run

CONTEXT_TAG = "mlflow.data.context"
TRAINING = ("training", "train")
MAX_CONTEXT = 255
MAX_TAG_KEY = 255
MAX_TAG_VALUE = 500


@dataclass(frozen=True)
class DatasetInput:
    """A dataset that a run read, with tags that say how."""

    dataset: GivenDataset
    tags: list[tuple[str, str]] = field(default_factory=list)

    @property
    def context(self) -> str:
        """What it was read for, such as training; empty where nothing is said."""
        return next((value for key, value in self.tags if key == CONTEXT_TAG), "")[:MAX_CONTEXT]


def log_inputs(
    *,
    run_id: str,
    datasets: Sequence[DatasetInput] = (),
    models: Iterable[LoggedModel] = (),
    user: User | None = None,
) -> None:
    """Say what a run read; what is known already changes nothing, not even its tags.

    A run without a dataset of its own takes the first that it trained on, or else the first.

    Raises:
        NotFoundError: no such run.
        ConflictError: it is in the bin, or a dataset is being purged.
        BadInputError: something can't be stored; nothing was.
    """
    for each in datasets:
        each.dataset.check()
        check_tags(each.tags)
    with transaction.atomic():
        run = lock_run(run_id)
        if _store_datasets(run, datasets, user):
            bump(run, "dataset")
            run_body.promise_inputs(run=run, inputs=_current(run))
        rows = [RunModel(run=run, model=model, role=RunModel.Role.INPUT) for model in models]
        RunModel.objects.bulk_create(rows, ignore_conflicts=True)


def _store_datasets(run: TrainingRun, datasets: Sequence[DatasetInput], user: User | None) -> bool:
    """Whether any is new to the run."""
    first: dict[GivenDataset, DatasetInput] = {}
    for each in datasets:
        first.setdefault(_known_by(each.dataset), each)
    # in one order, so that two runs that log the same datasets don't wait for each other
    kept = {
        known: ensure_dataset(each.dataset, user=user) for known, each in sorted(first.items(), key=_order)
    }
    there = set(RunInput.objects.filter(run=run).values_list("dataset", flat=True)) if kept else set()
    new = [(kept[known], each) for known, each in first.items() if kept[known].pk not in there]
    RunInput.objects.bulk_create(
        RunInput(
            run=run,
            dataset=dataset,
            context=each.context,
            tags=[{"key": key, "value": value} for key, value in each.tags],
        )
        for dataset, each in new
    )
    if new and run.dataset is None:
        run.dataset = _main(new)
    return bool(new)


def _main(new: Sequence[tuple[Dataset, DatasetInput]]) -> Dataset:
    trained_on = (dataset for dataset, each in new if each.context.lower() in TRAINING)
    return next(trained_on, new[0][0])


def _known_by(dataset: GivenDataset) -> GivenDataset:
    return GivenDataset(dataset.name, dataset.digest)


def _order(item: tuple[GivenDataset, DatasetInput]) -> tuple[str, str]:
    return item[0].name, item[0].digest


def _current(run: TrainingRun) -> list[dict[str, str]]:
    rows = RunInput.objects.filter(run=run).order_by("pk")
    names = ("dataset__name", "dataset__digest", "context")
    return [
        {"dataset": name, "digest": digest, "context": context}
        for name, digest, context in rows.values_list(*names)
    ]


def check_tags(tags: Iterable[tuple[str, str]]) -> None:
    """Refuse tags of an input that don't fit.

    Raises:
        BadInputError: a key or value is too long, or can't be stored.
    """
    for key, value in tags:
        if len(key) > MAX_TAG_KEY:
            raise BadInputError(f"'key' exceeds the maximum length of {MAX_TAG_KEY} characters")
        if len(value) > MAX_TAG_VALUE:
            raise BadInputError(f"'value' exceeds the maximum length of {MAX_TAG_VALUE} characters")
        plain.check_text(key + value, where="A tag of an input")
