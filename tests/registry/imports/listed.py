"""A source of records that a test wrote down."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from registry.imports.records import (
    ImportedDataset,
    ImportedExperiment,
    ImportedLoggedModel,
    ImportedRegisteredModel,
    ImportedRun,
    Problem,
    Progress,
    Source,
)
from registry.imports.report import ImportReport
from registry.imports.service import import_source
from registry.imports.terms import Terms


@dataclass
class Listed:
    """What it holds is what the test gave it."""

    run_records: Sequence[ImportedRun | Problem] = ()
    experiment_records: Sequence[ImportedExperiment] = (ImportedExperiment("1", "imported"),)
    dataset_records: Sequence[ImportedDataset] = ()
    logged: Sequence[ImportedLoggedModel] = ()
    registered: Sequence[ImportedRegisteredModel] = ()
    problems: Sequence[Problem] = ()
    place: str = "/data/listed"
    kind: str = "sqlite"
    seen: list[str] = field(default_factory=list)

    def fingerprint(self) -> str:
        return sha256(self.place.encode()).hexdigest()

    def examine(self) -> Iterator[Problem | Progress]:
        yield from self.problems

    def experiments(self) -> Iterator[ImportedExperiment | Problem]:
        yield from self.experiment_records

    def datasets(self) -> Iterator[ImportedDataset | Problem]:
        yield from self.dataset_records

    def runs(self) -> Iterator[ImportedRun | Problem]:
        yield from self.run_records

    def logged_models(self) -> Iterator[ImportedLoggedModel | Problem]:
        yield from self.logged

    def registered_models(self) -> Iterator[ImportedRegisteredModel | Problem]:
        yield from self.registered


START = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
END = START + dt.timedelta(minutes=30)


def run(number: int, **rest: Any) -> ImportedRun:
    given: dict[str, Any] = {
        "source_id": f"{number:032x}", "run_id": f"{number:032x}", "experiment_source_id": "1",
        "name": f"run {number}", "started_at": START, "ended_at": END,
    }  # fmt: skip
    return ImportedRun(**(given | rest))


def imported(source: Source, **terms: Any) -> ImportReport:
    *steps, report = import_source(source, terms=Terms(**terms))
    assert all(isinstance(step, Progress) for step in steps)
    assert isinstance(report, ImportReport)
    return report


def causes(report: ImportReport) -> list[tuple[str, str]]:
    return [(problem.kind, problem.cause) for problem in report.problems]
