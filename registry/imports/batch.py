"""Writing some runs whole, in one transaction."""

from collections.abc import Sequence

from django.db import connection

from registry.enums import Lifecycle
from registry.exceptions import ConflictError
from registry.models import Dataset, ImportedItem, RunInput, TrainingRun
from registry.services.run_inputs import CONTEXT_TAG, MAX_CONTEXT, TRAINING
from registry.sync.backfill import promise_bodies

from . import rows
from .book import Book
from .checksums import Told
from .files import Staged, keep_files
from .prepared import PreparedRun
from .transactions import writing

StagedRun = tuple[PreparedRun, Staged]

HOLD = """
SELECT experiment_id, id, lifecycle FROM registry_experiment WHERE experiment_id = ANY(%s) FOR KEY SHARE
"""


def write_batch(book: Book, staged: Sequence[StagedRun]) -> None:
    """Rows, histories, files, bodies, items and the import's counts: all of it, or nothing.

    Raises:
        ConflictError: an experiment or dataset is being purged, or the import taken back.
        BodyTooLargeError: a run's document would not fit.
        IntegrityError: a run's id was taken meanwhile.
    """
    runs = [run for run, _ in staged]
    with writing(book) as row:
        experiments, datasets = _held_experiments(book, runs), _datasets(book, runs)
        inputs = [_inputs(run, datasets) for run in runs]
        for run, reads in zip(runs, inputs, strict=True):
            run.row.experiment_id = experiments[run.experiment_source_id]
            run.row.dataset_id = _main(run, reads, datasets)
            run.row.created_by = book.terms.user
        rows.insert_runs(runs)
        rows.insert_texts(runs)
        rows.insert_histories(runs)
        keep_files({run.row: files for run, files in staged})
        for run, reads in zip(runs, inputs, strict=True):
            for each in reads:
                each.run = run.row
        RunInput.objects.bulk_create(each for reads in inputs for each in reads)
        promise_bodies(
            [run.row.run_id for run in runs],
            params={run.row.run_id: run.leaves for run in runs},
            custom={run.row.run_id: run.custom for run in runs if run.custom},
        )
        _note(book, staged, inputs)
        row.runs += len(runs)
        row.points += sum(run.points for run in runs)
        row.save(update_fields=["runs", "points"])


def _held_experiments(book: Book, runs: Sequence[PreparedRun]) -> dict[str, int]:
    """Primary keys by source id; nobody purges them until the transaction ends."""
    wanted = {book.experiments[run.experiment_source_id].our_id for run in runs}
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [sorted(wanted)])
        found = {public: (pk, lifecycle) for public, pk, lifecycle in cursor.fetchall()}
    for public in wanted:
        if public not in found or found[public][1] == Lifecycle.PURGING:
            raise ConflictError("Its experiment was purged meanwhile.")
    ids = {run.experiment_source_id for run in runs}
    return {source_id: found[book.experiments[source_id].our_id][0] for source_id in ids}


def _datasets(book: Book, runs: Sequence[PreparedRun]) -> dict[str, Dataset]:
    """By source id; held, so that nobody purges them."""
    ids = {each.dataset_source_id for run in runs for each in run.inputs}
    ids |= {run.dataset_source_id for run in runs if run.dataset_source_id}
    names = {book.datasets[source_id].our_id: source_id for source_id in ids}
    sql = "SELECT * FROM registry_dataset WHERE name = ANY(%s) FOR KEY SHARE"
    held = {each.name: each for each in Dataset.objects.raw(sql, [sorted(names)])} if names else {}
    gone = [name for name in names if name not in held or held[name].lifecycle != Lifecycle.ACTIVE]
    if gone:
        raise ConflictError(f"Its dataset {min(gone)!r} was purged meanwhile.")
    return {source_id: held[book.datasets[source_id].our_id] for source_id in ids}


def _inputs(run: PreparedRun, datasets: dict[str, Dataset]) -> list[RunInput]:
    found: dict[tuple[int, str], RunInput] = {}
    for each in run.inputs:
        context = next((value for key, value in each.tags if key == CONTEXT_TAG), "")[:MAX_CONTEXT]
        dataset = datasets[each.dataset_source_id]
        tags = [{"key": key, "value": value} for key, value in each.tags]
        found.setdefault((dataset.pk, context), RunInput(dataset=dataset, context=context, tags=tags))
    return list(found.values())


def _main(run: PreparedRun, reads: Sequence[RunInput], datasets: dict[str, Dataset]) -> int | None:
    """The dataset that it was trained on; else the first that it read for training, or at all."""
    if run.dataset_source_id:
        return datasets[run.dataset_source_id].pk
    trained_on = (each.dataset_id for each in reads if each.context.lower() in TRAINING)
    return next(trained_on, reads[0].dataset_id if reads else None)


def _note(book: Book, staged: Sequence[StagedRun], inputs: Sequence[Sequence[RunInput]]) -> None:
    """What each became, with the version that it has now and the checksum of what the source said."""
    ids = [run.row.run_id for run, _ in staged]
    versions = dict(TrainingRun.objects.filter(run_id__in=ids).order_by().values_list("run_id", "version"))
    ImportedItem.objects.bulk_create(
        ImportedItem(
            imported_by=book.current,
            kind="run",
            source_id=run.source_id,
            our_id=run.row.run_id,
            our_pk=run.row.pk,
            version=versions[run.row.run_id],
            points=run.points,
            said=run.said,
            checksum=Told(
                run.row,
                run.texts.items(),
                [(pair["k"], pair["v"]) for pair in run.tags],
                [(path, file.sha256) for path, file in files.items()],
                [(each.dataset_id, each.context) for each in reads],
                run.histories,
            ).checksum(),
        )
        for (run, files), reads in zip(staged, inputs, strict=True)
    )
