"""Writing and reading a run's notes, wherever they are."""

import datetime as dt
from functools import partial

from registry.models import RunNote, TrainingRun
from registry.sync import run_body
from registry.sync.audit import record
from registry.sync.dual_write.holding import Held, Standing, hold
from registry.sync.dual_write.reading import read
from registry.sync.dual_write.sides import Key, Move
from registry.sync.dual_write.states import WRITES, deciding
from registry.sync.dual_write.writing import write
from registry.sync.run_bodies import LogEntry, run_log

from .mongodb_side import MongoDBSide
from .postgresql_side import PostgreSQLSide
from .records import record_of, run_count, runs_in_order

RUN_NOTES = Move(
    "run_notes", MongoDBSide(), PostgreSQLSide(), runs_in_order, run_count, queries=("run_page", "api")
)
MOST = 1_000


def hold_notes() -> Held:
    """Keep the place of notes as it is until the running transaction ends; before any row is locked."""
    return hold(RUN_NOTES.name)


def is_a_version(standing: Standing) -> bool:
    """Whether a note changes the run's body, and so is a version of it."""
    return "old" in WRITES[standing.state]


def write_note(
    *, run: TrainingRun, standing: Standing, note_id: str, at: dt.datetime, by: str, text: str
) -> None:
    """Write a note of a locked run to the stores that hold notes now, with its audit entry.

    Args:
        at: to the millisecond.
    """
    is_old_first = deciding(standing.state) == "old"
    if not is_old_first:
        record(action="run.note", subject_id=run.run_id)
    write(
        standing,
        key=Key(run.run_id, note_id),
        record=record_of(at, by, text),
        old=partial(
            run_body.promise_log_entry,
            run=run, kind="note", number=run.version, key=note_id,
            entry={"at": at, "by": by, "text": text}, is_audited=is_old_first,
        ),
        new=partial(RunNote.objects.create, run=run, note_id=note_id, at=at, by=by, text=text),
    )  # fmt: skip


def run_notes(
    run: TrainingRun, *, query: str, limit: int = MOST, is_delivered: bool = False
) -> list[LogEntry]:
    """A run's first notes in the order of their time (one statement beside the read).

    Args:
        run: with its experiment.
        query: who asks, one of ``RUN_NOTES.queries``.
        is_delivered: what MongoDB was owed has been delivered a moment ago.

    Raises:
        StoreUnavailableError: the store that notes are read from does not answer.
    """
    return read(
        RUN_NOTES,
        query=query,
        owner_id=run.run_id,
        scope=run.experiment.experiment_id,
        old=partial(_old, run.run_id, limit, is_delivered=is_delivered),
        new=partial(_new, run, limit),
    )


def _old(run_id: str, limit: int, *, is_delivered: bool) -> list[LogEntry]:
    found = run_log(run_id, "note", limit=limit, is_delivered=is_delivered)
    return sorted(found, key=lambda each: (each.entry["at"], each.key))


def _new(run: TrainingRun, limit: int) -> list[LogEntry]:
    rows = RunNote.objects.filter(run=run).order_by("at", "note_id")[:limit]
    return [LogEntry(each.note_id, {"at": each.at, "by": each.by, "text": each.text}) for each in rows]
