"""What a source said of a thing when it came, and whether it says something else by now."""

import json
from collections.abc import Sequence

from registry.exceptions import BadInputError

from .book import Book
from .histories import History, new_digest, read_histories
from .records import ImportedExperiment, ImportedRun, Problem

CHANGED = "changed"
NO_MOMENT = "0" * 16


def said_of_run(run: ImportedRun, histories: Sequence[History]) -> str:
    """A checksum of a run's own words, in 32 hexadecimal characters; files by path and size."""
    words = [
        run.experiment_source_id, run.name, run.status, str(run.started_at), str(run.ended_at),
        run.model_name, run.framework, run.params, run.tags, run.dataset_source_id, run.parent_source_id,
        run.custom, run.is_deleted, [(each.dataset_source_id, sorted(each.tags)) for each in run.inputs],
        [(each.model_source_id, each.role, each.step) for each in run.models],
        sorted((file.path, file.size_bytes or 0) for file in run.artifacts),
    ]  # fmt: skip
    digest = new_digest()
    digest.update(json.dumps(words, sort_keys=True, default=repr).encode())
    for history in histories:
        history.digest_into(digest, is_timed=run.started_at is not None or run.ended_at is not None)
    return str(digest.hexdigest())


def said_of_experiment(experiment: ImportedExperiment) -> str:
    """Checksums of its name and of the moment when it was made, 16 hexadecimal characters each."""
    made = experiment.created_at
    return _short(experiment.name) + (_short(made.isoformat()) if made else NO_MOMENT)


def is_another(experiment: ImportedExperiment, before: str) -> bool:
    """Whether it has another name and was made at another moment than the one that came under its id."""
    now = said_of_experiment(experiment)
    return now[:16] != before[:16] and (now[16:] != before[16:] or now[16:] == NO_MOMENT)


def tell_other_source(book: Book, experiment: ImportedExperiment) -> None:
    """Refuse the source where an experiment that is here by it is another one now."""
    before = book.said.get(("experiment", experiment.source_id))
    if before is None or not is_another(experiment, before):
        return
    cause = (
        f"The experiment {experiment.source_id[:100]!r} is {experiment.name[:100]!r} now, and another than"
        f" when the import {book.current.pk} brought it: another store lies here since."
    )
    cure = f"Take that back (manage.py imports undo {book.current.pk} --yes), or import a copy elsewhere."
    book.findings.add(Problem(experiment.place or book.source.place, cause, cure, "source"))


def tell_change(book: Book, run: ImportedRun, place: str) -> None:
    """Note that the source says something else of a run than when it came."""
    before = book.said.get(("run", run.source_id))
    if before is None or book.is_same:
        return
    try:
        is_changed = said_of_run(run, read_histories(run.metrics)) != before
    except (BadInputError, TypeError, ValueError):  # it could not even be imported now
        is_changed = True
    if is_changed:
        cure = f"To have it as it is now: manage.py imports undo {book.current.pk} --yes, then import again."
        cause = "It has changed in the source since it came, and is here as it was."
        book.findings.add(Problem(place, cause, cure, CHANGED, run.source_id))


def _short(text: str) -> str:
    digest = new_digest()
    digest.update(text.encode(errors="replace"))
    return str(digest.hexdigest())[:16]
