"""The second pass: runs in batches, each batch whole in one transaction with the import's checkpoint."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from django.db import DataError, IntegrityError
from django.utils import timezone

from registry.enums import Lifecycle
from registry.exceptions import RegistryError
from registry.models import Dataset
from registry.services.dataset_inputs import place_dataset

from .batch import write_batch
from .book import Book
from .changes import said_of_experiment
from .examining import given_dataset, place_of
from .experiments import Placed, cure_of, place_experiment
from .files import staged_files
from .prepared import PreparedRun, prepare
from .records import ImportedDataset, ImportedExperiment, ImportedRun, Problem, Progress
from .refusing import refuse
from .transactions import writing

MOST_RUNS = 200
MOST_POINTS = 200_000
MOST_BYTES = 8 * 1024 * 1024
MOST_FILES = 500
REFUSED = (RegistryError, IntegrityError, DataError)


def write_experiments(book: Book) -> None:
    """Make or join the experiments that runs belong to, each in a transaction with its item."""
    known = _known(book, "experiment")
    for record in book.source.experiments():
        if not isinstance(record, ImportedExperiment) or record.source_id in book.barred:
            continue
        if book.findings.is_refused("experiment", record.source_id):
            continue
        placed = known.get(record.source_id)
        try:
            book.experiments[record.source_id] = placed or _placed_experiment(book, record)
        except RegistryError as error:
            refuse(book, "experiment", record.source_id, record.place, error, cure=cure_of(error))


def write_datasets(book: Book) -> None:
    """Make or find the datasets that runs read."""
    known = _known(book, "dataset")
    for record in book.source.datasets():
        if not isinstance(record, ImportedDataset) or book.findings.is_refused("dataset", record.source_id):
            continue
        try:
            book.datasets[record.source_id] = known.get(record.source_id) or _placed_dataset(book, record)
        except RegistryError as error:
            refuse(book, "dataset", record.source_id, record.place, error)


def write_runs(book: Book) -> Iterator[Progress]:
    """Write every run that is neither here nor refused; a batch is whole, or not there."""
    now, batch, runs, points = timezone.now(), Batch(), 0, 0
    for record in book.source.runs():
        if isinstance(record, Problem):
            continue  # the first pass has told of it
        book.links += [(record.source_id, link) for link in record.models]
        if book.is_done("run", record.source_id) or not _is_wanted(book, record):
            continue
        book.done.setdefault("run", set()).add(record.source_id)
        if (prepared := _prepared(book, record, now)) is not None:
            batch.add(prepared)
        if batch.is_full:
            runs, points = runs + len(batch.runs), points + batch.points
            _write(book, batch)
            batch = Batch()
            yield Progress("write runs", runs)
    if batch.runs:
        _write(book, batch)
        yield Progress("write runs", runs + len(batch.runs))


@dataclass
class Batch:
    """Runs that are written together."""

    runs: list[PreparedRun] = field(default_factory=list)
    points: int = 0
    bytes: int = 0
    files: int = 0

    def add(self, run: PreparedRun) -> None:
        """One more."""
        self.runs.append(run)
        self.points += run.points
        self.bytes += run.bytes
        self.files += len(run.files)

    @property
    def is_full(self) -> bool:
        """Whether it is to be written before another run is read."""
        return (
            len(self.runs) >= MOST_RUNS
            or self.points >= MOST_POINTS
            or self.bytes >= MOST_BYTES
            or self.files >= MOST_FILES
        )


def _is_wanted(book: Book, record: ImportedRun) -> bool:
    names = [record.dataset_source_id, *(each.dataset_source_id for each in record.inputs)]
    return (
        not book.findings.is_refused("run", record.source_id)
        and record.experiment_source_id in book.experiments
        and all(name in book.datasets for name in names if name)
    )


def _prepared(book: Book, record: ImportedRun, now: dt.datetime) -> PreparedRun | None:
    try:
        return prepare(record, otherwise_at=now)
    except RegistryError as error:  # it changed since the first pass
        refuse(book, "run", record.source_id, place_of(record), error)
        return None


def _write(book: Book, batch: Batch) -> None:
    """All at once; where one of them is refused, each by itself, so that the others are there."""
    try:
        _stage_and_write(book, batch.runs)
    except REFUSED as error:
        if len(batch.runs) == 1:
            _note_refusal(book, batch.runs[0], error)
            return
        for run in batch.runs:
            try:
                _stage_and_write(book, [run])
            except REFUSED as own:
                _note_refusal(book, run, own)


def _stage_and_write(book: Book, runs: Sequence[PreparedRun]) -> None:
    with ExitStack() as stack:
        write_batch(book, [(run, stack.enter_context(staged_files(run.files))) for run in runs])


def _note_refusal(book: Book, run: PreparedRun, error: Exception) -> None:
    if isinstance(error, RegistryError):
        refuse(book, "run", run.source_id, run.place, error)
        return
    said = str(error).strip().splitlines()[0]
    cure = "Look whether it is here already: manage.py imports list"
    book.findings.add(Problem(run.place, f"PostgreSQL refused it: {said}.", cure, "run", run.source_id))


def _known(book: Book, kind: str) -> dict[str, Placed]:
    """What earlier runs of the same import have placed already."""
    rows = book.current.items.filter(kind=kind).order_by()
    return {
        source_id: Placed(our_id, is_new=is_new, version=version)
        for source_id, our_id, is_new, version in rows.values_list("source_id", "our_id", "is_new", "version")
    }


def _placed_experiment(book: Book, record: ImportedExperiment) -> Placed:
    with writing(book):
        placed = place_experiment(record, book.terms)
        book.note("experiment", record.source_id, placed, said=said_of_experiment(record))
    return placed


def _placed_dataset(book: Book, record: ImportedDataset) -> Placed:
    with writing(book):
        # by its name alone, where the source knows no digest
        there = (
            None
            if record.digest
            else Dataset.objects.filter(name=record.name, lifecycle=Lifecycle.ACTIVE).first()
        )
        dataset, is_new = (
            (there, False) if there else place_dataset(given_dataset(record), user=book.terms.user)
        )
        placed = Placed(dataset.name, is_new=is_new, our_pk=dataset.pk)
        book.note("dataset", record.source_id, placed)
    return placed
