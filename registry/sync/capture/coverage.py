"""What the documents of change capture cover: tables, the snapshot under way, what became of their form."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from pymongo.errors import PyMongoError

from registry.documents.captured import collection_of
from registry.documents.connection import collection, guarded_by_breaker
from registry.sync.targets import TargetUnavailableError

from .checkpoint import Checkpoint, load
from .table_forms import TableForm


@dataclass(frozen=True, slots=True)
class CoveredTable:
    """One table: its rows in the last snapshot, its documents now, and what became of its form since."""

    table: str
    collection: str
    copied: int
    documents: int
    columns: int
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SnapshotProgress:
    """The last snapshot; ``done`` rows of about ``about`` of the table that it copied last."""

    began_at: dt.datetime | None
    ended_at: dt.datetime | None
    table: str
    done: int
    about: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """A consumer's documents; ``counts`` of changes applied, by kind."""

    snapshot: SnapshotProgress
    counts: Mapping[str, int]
    tables: list[CoveredTable]


def coverage(name: str = "documents") -> Coverage | None:
    """What a documents consumer covers; None where it never began (a read, and one for each table).

    Raises:
        TargetUnavailableError: MongoDB is away.
    """
    try:
        with guarded_by_breaker():
            checkpoint = load(name)
            if checkpoint is None:
                return None
            tables = [_table(checkpoint, table, form) for table, form in sorted(checkpoint.forms.items())]
    except PyMongoError as error:
        raise TargetUnavailableError(f"MongoDB: {error}") from error
    return Coverage(_progress(checkpoint), checkpoint.counts, tables)


def _table(checkpoint: Checkpoint, table: str, form: TableForm) -> CoveredTable:
    name = collection_of(table)
    return CoveredTable(
        table=table,
        collection=name,
        copied=int(checkpoint.snapshot["rows"].get(table, 0)),
        documents=collection(name).estimated_document_count(),
        columns=len(form.columns),
        changes=tuple(str(change["what"]) for change in form.changes),
    )


def _progress(checkpoint: Checkpoint) -> SnapshotProgress:
    told = checkpoint.snapshot
    return SnapshotProgress(
        began_at=told.get("began_at"),
        ended_at=told.get("ended_at"),
        table=str(told.get("table", "")),
        done=int(told["rows"].get(told.get("table", ""), 0)),
        about=int(told.get("about", 0)),
    )
