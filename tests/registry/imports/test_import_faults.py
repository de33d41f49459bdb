from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from registry.imports.records import ImportedRun, Problem, Progress
from registry.imports.report import ImportReport
from registry.imports.service import import_source
from registry.imports.terms import Terms
from registry.models import Param, TrainingRun
from registry.services.experiments import create_experiment
from registry.services.runs import start_run
from registry.services.tags import set_run_tags
from tests.registry.imports.listed import Listed, causes, imported, run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo", "redis_keys")]


@dataclass
class Overtaken(Listed):
    """Between the passes somebody takes the id of a run."""

    passes: int = 0

    def runs(self) -> Iterator[ImportedRun | Problem]:
        self.passes += 1
        if self.passes > 1:
            create_experiment(name="other")
            start_run(experiment="other", run_id=f"{1:032x}")
        yield from super().runs()


def changed_meanwhile(change: Callable[[], object]) -> ImportReport:
    """An import in which something happens between writing and comparing."""
    for step in import_source(Listed([run(1, params={"a": 1}), run(2)]), terms=Terms()):
        if isinstance(step, Progress) and step.step == "write runs":
            change()
        if isinstance(step, ImportReport):
            return step
    raise AssertionError


def test_bodies_wait_while_mongodb_is_away(mongodb_away: Callable[[], None]) -> None:
    report = imported(Listed([run(1)]))
    assert (report.refused, report.verified.runs, report.verified.waiting) == ({}, 1, 1)
    assert "1 documents wait for MongoDB" in report.summary()
    mongodb_away()


def test_a_run_whose_id_is_taken_between_the_passes_is_refused_and_the_others_come() -> None:
    report = imported(Overtaken([run(1), run(2)]))
    assert (report.imported["run"], report.refused, report.verified.runs) == (1, {"run": 1}, 1)
    assert "PostgreSQL refused it: duplicate key" in causes(report)[0][1]


def test_what_differs_from_the_source_at_the_end_is_told() -> None:
    report = changed_meanwhile(lambda: Param.objects.update(value="2"))
    assert (report.verified.runs, report.verified.differing, report.refused) == (1, 1, {"verify": 1})
    assert not report.is_complete
    report = changed_meanwhile(lambda: None)
    assert report.imported["run"] == 0


def test_what_people_changed_before_it_was_compared_is_not_called_different() -> None:
    report = changed_meanwhile(lambda: set_run_tags(run_id=f"{1:032x}", tags={"a": "b"}))
    assert (report.verified.runs, report.verified.changed, report.refused) == (1, 1, {})
    assert TrainingRun.objects.count() == 2
