"""Holding the stores against what the clients were told: one piece of code for every protocol.

A protocol only says how its records are read (:mod:`tests.chaos.reading`). A field that a store
does not hold is absent from ``Record.fields``; one that it should hold and lacks is ``None``.
"""

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import Any

from .ledger import Ledger, Told


@dataclass(frozen=True)
class Record:
    """One run as one store has it."""

    run_id: str
    reference: str
    fields: dict[str, Any]
    notes: tuple[str, ...] | None = None  # None: this store keeps no notes


@dataclass(frozen=True)
class Snapshot:
    """Everything that was found after quiescence."""

    postgres: list[Record]
    mongodb: list[Record]
    owed: int = 0  # effects still in the outbox
    parked: int = 0
    stale: list[str] = field(default_factory=list)  # answers from a cache that PostgreSQL contradicts
    cached: int = 0  # answers that the cache held, so that "none is stale" says something
    leaderboard_errors: int = 0


@dataclass(frozen=True)
class Findings:
    """How many runs (or updates, or notes) are wrong, by kind."""

    lost: int  # acknowledged, and not in both stores
    only_postgres: int
    only_mongodb: int
    duplicated: int  # rows and documents too many for one reference
    diverged: int  # in both stores, but not the same
    updates_lost: int  # acknowledged values that a store does not show
    notes_lost: int
    notes_twice: int
    owed: int
    parked: int
    stale: int
    leaderboard: int

    @property
    def total(self) -> int:
        return sum(getattr(self, each.name) for each in fields(self))


def check(ledger: Ledger, found: Snapshot) -> Findings:
    rows = {record.run_id: record for record in found.postgres}
    documents = {record.run_id: record for record in found.mongodb}
    told = ledger.registered
    in_both = rows.keys() & documents.keys()
    return Findings(
        lost=sum(run.run_id not in in_both for run in told),
        only_postgres=len(rows.keys() - documents.keys()),
        only_mongodb=len(documents.keys() - rows.keys()),
        duplicated=max(_too_many(found.postgres), _too_many(found.mongodb)),
        diverged=sum(_differ(rows[run_id], documents[run_id]) for run_id in in_both),
        updates_lost=sum(
            _updates_lost(run, side.get(run.run_id)) for run in told for side in (rows, documents)
        ),
        notes_lost=sum(_notes_lost(run, side.get(run.run_id)) for run in told for side in (rows, documents)),
        notes_twice=max(_notes_twice(found.postgres), _notes_twice(found.mongodb)),
        owed=found.owed,
        parked=found.parked,
        stale=len(found.stale),
        leaderboard=found.leaderboard_errors,
    )


def explain(ledger: Ledger, found: Snapshot, limit: int = 8) -> list[str]:
    """The first few runs that are wrong, with both sides, for whoever looks into it."""
    rows = {record.run_id: record for record in found.postgres}
    documents = {record.run_id: record for record in found.mongodb}
    told = {run.run_id: run for run in ledger.registered}
    lines = [f"refused: {refusal}" for refusal in ledger.refusals] + [
        f"stale: {each}" for each in found.stale
    ]
    for run_id in sorted(rows.keys() | documents.keys() | told.keys()):
        row, document, run = rows.get(run_id), documents.get(run_id), told.get(run_id)
        is_wrong = row is None or document is None or run is None or _differ(row, document)
        if is_wrong or any(
            _updates_lost(run, side) or _notes_lost(run, side) for side in (row, document) if run
        ):
            lines.append(f"{run_id}: told {run}; PostgreSQL {row}; MongoDB {document}")
    return lines[:limit]


def _too_many(records: list[Record]) -> int:
    return sum(count - 1 for count in Counter(record.reference for record in records).values())


def _differ(row: Record, document: Record) -> bool:
    shared = row.fields.keys() & document.fields.keys()
    notes_differ = None not in (row.notes, document.notes) and Counter(row.notes) != Counter(document.notes)
    return notes_differ or any(row.fields[name] != document.fields[name] for name in shared)


def _updates_lost(told: Told, record: Record | None) -> int:
    if record is None:  # counted as lost
        return 0
    known = told.expected.keys() & record.fields.keys() - told.unsure
    return sum(record.fields[name] != told.expected[name] for name in known)


def _notes_lost(told: Told, record: Record | None) -> int:
    return 0 if record is None or record.notes is None else len(set(told.notes) - set(record.notes))


def _notes_twice(records: list[Record]) -> int:
    counts = (Counter(record.notes or ()).values() for record in records)
    return sum(count - 1 for each in counts for count in each)
