"""The first pass: everything is read and checked, nothing is written."""

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from django.utils import timezone

from registry.exceptions import ArtifactError, BadInputError, RegistryError
from registry.models import ImportedItem, TrainingRun
from registry.services.dataset_inputs import GivenDataset

from .book import Book
from .changes import tell_change, tell_other_source
from .experiments import check_experiment, cure_of
from .experiments_again import bar_experiments, is_barred
from .files import check_readable
from .gone import tell_gone
from .models_examined import examine_models
from .parents import examine_parents
from .prepared import prepare
from .records import ImportedDataset, ImportedRun, Problem, Progress
from .refusing import is_twice, refuse

CHUNK = 500
EVERY = 100


class _Fitting(NamedTuple):
    """A run of the first pass with which nothing is wrong."""

    run_id: str
    source_id: str
    place: str


def examine(book: Book) -> Iterator[Progress]:
    """Read the source once and find everything that is wrong with it; memory holds ids only."""
    for found in book.source.examine():
        if isinstance(found, Problem):
            book.findings.add(found)
        else:
            yield found
    if book.findings.is_fatal:
        return
    tell_gone(book)
    _experiments(book)
    _datasets(book)
    yield from _runs(book)
    examine_models(book)
    examine_parents(book)


def given_dataset(record: ImportedDataset) -> GivenDataset:
    """A dataset as the services take it."""
    return GivenDataset(
        record.name, record.digest, record.source_type, record.source, record.schema, record.profile
    )


def _experiments(book: Book) -> None:
    bar_experiments(book)
    for record in book.source.experiments():
        if isinstance(record, Problem):
            book.findings.add(record)
        elif not is_twice(book, "experiment", record.source_id, record.place):
            if book.is_done("experiment", record.source_id):
                tell_other_source(book, record)
                continue
            try:
                check_experiment(record, book.terms)
            except RegistryError as error:
                place = record.place or f"experiment {record.name!r}"
                refuse(book, "experiment", record.source_id, place, error, cure=cure_of(error))


def _datasets(book: Book) -> None:
    for record in book.source.datasets():
        if isinstance(record, Problem):
            book.findings.add(record)
        elif not is_twice(book, "dataset", record.source_id, record.place):
            try:
                given_dataset(record).check()
            except BadInputError as error:
                refuse(book, "dataset", record.source_id, record.place or f"dataset {record.name!r}", error)


def _runs(book: Book) -> Iterator[Progress]:
    chunk: list[_Fitting] = []
    now = timezone.now()
    for number, record in enumerate(book.source.runs(), start=1):
        if isinstance(record, Problem):
            book.findings.add(record)
        elif not is_twice(book, "run", record.source_id, record.place):
            chunk += _fitting(book, record, now)
        if len(chunk) >= CHUNK:
            _refuse_taken(book, chunk)
            chunk = []
        if number % EVERY == 0:
            yield Progress("examine runs", number)
    _refuse_taken(book, chunk)


def _fitting(book: Book, record: ImportedRun, now: dt.datetime) -> list[_Fitting]:
    """The run, where nothing is wrong with it; none where it is here already."""
    if record.parent_source_id:
        book.parents[record.source_id] = record.parent_source_id
    if book.is_done("run", record.source_id):
        tell_change(book, record, place_of(record))
        return []
    if not _is_placed(book, record):
        return []
    try:
        prepared = prepare(record, otherwise_at=now)
        check_readable(record.artifacts)
    except (BadInputError, ArtifactError) as error:
        refuse(book, "run", record.source_id, place_of(record), error)
        return []
    return [_Fitting(prepared.row.run_id, record.source_id, prepared.place)]


def place_of(record: ImportedRun) -> str:
    """Where a run is in the source."""
    return record.place or f"run {record.source_id}"


def _is_placed(book: Book, record: ImportedRun) -> bool:
    """Whether the experiment and the datasets of a run are there and not refused."""
    wanted = [("experiment", record.experiment_source_id)]
    names = [record.dataset_source_id, *(each.dataset_source_id for each in record.inputs)]
    wanted += [("dataset", name) for name in names if name]
    for kind, source_id in wanted:
        is_refused = (
            is_barred(book, source_id) if kind == "experiment" else book.findings.is_refused(kind, source_id)
        )
        if source_id in book.seen[kind] and not is_refused:
            continue
        why = "was refused" if is_refused else "is not in the source"
        cause = f"Its {kind} {source_id[:100]!r} {why}."
        cure = f"See what is said of the {kind}." if is_refused else f"Add the {kind} to the source."
        book.findings.add(Problem(place_of(record), cause, cure, "run", record.source_id))
        return False
    return True


def _refuse_taken(book: Book, chunk: list[_Fitting]) -> None:
    """Runs whose id is here already, and not by this import (two statements)."""
    by_id = {run.run_id: run for run in chunk}
    rows = TrainingRun.objects.filter(run_id__in=list(by_id)).order_by()
    taken = [str(run_id) for run_id in rows.values_list("run_id", flat=True)] if by_id else []
    if not taken:
        return
    items = ImportedItem.objects.filter(kind="run", our_id__in=taken)
    brought = dict(items.values_list("our_id", "imported_by_id"))
    for run_id in taken:
        by = brought.get(run_id)
        whose = f"brought by the import {by}" if by else "which no import brought"
        book.findings.add(
            Problem(
                by_id[run_id].place,
                f"There is already a run with id {run_id}, {whose}.",
                f"Take that back first: manage.py imports undo {by}"
                if by
                else "Purge that run first, or leave it.",
                "run",
                by_id[run_id].source_id,
            )
        )
