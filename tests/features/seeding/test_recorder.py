from dataclasses import replace

import pytest

from features.seeding import recorder
from features.seeding.results import StoredFile
from features.seeding.sweep import DeclaredRun, declared_runs
from features.seeding.trainer import train
from registry.documents.connection import collection
from registry.enums import RunStatus
from registry.exceptions import BadInputError, DuplicateNameError
from registry.models import Metric, OutboxEntry, TrainingRun
from registry.tracking import Tracker
from tests.factories import DatasetFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo")]
RUNS = [run for run in declared_runs() if run.dataset == "wine" and run.family in ("svm", "k_neighbours")]


def absent_of(runs: list[DeclaredRun]) -> list[DeclaredRun]:
    return [run for run in recorder.absent_runs(1) if run in runs]


@pytest.mark.fault
def test_a_seeding_that_was_interrupted_is_taken_up_where_it_stopped() -> None:
    with recorder.training(RUNS, processes=1) as trainings:
        stored = recorder.store_runs(trainings, tracker=Tracker())
        assert next(stored) == RUNS[0]
    assert absent_of(RUNS) == RUNS[1:]
    with recorder.training(absent_of(RUNS), processes=1) as trainings:
        assert list(recorder.store_runs(trainings, tracker=Tracker())) == RUNS[1:]
    assert absent_of(RUNS) == []
    assert TrainingRun.objects.filter(status=RunStatus.FINISHED).count() == len(RUNS)
    assert collection("runs").count_documents({}) == len(RUNS)


def test_a_run_that_fails_to_be_recorded_leaves_nothing_behind() -> None:
    result = train(RUNS[0])
    broken = replace(result, files=[*result.files, StoredFile("../outside", "image/png", b"")])
    DatasetFactory(name="wine")
    trainings = recorder.Trainings(RUNS[:1], iter([]), iter([broken]), pool=None)
    with pytest.raises(BadInputError):
        list(recorder.store_runs(trainings, tracker=Tracker()))
    assert not TrainingRun.objects.exists()
    assert not Metric.objects.exists()
    assert not OutboxEntry.objects.exists()
    assert collection("runs").count_documents({}) == 0


def test_other_data_under_a_data_sets_name_is_refused() -> None:
    DatasetFactory(name="wine", digest="0" * 64)
    with (
        recorder.training(RUNS[:1], processes=1) as trainings,
        pytest.raises(DuplicateNameError, match="other data"),
    ):
        list(recorder.store_runs(trainings, tracker=Tracker()))
    assert not TrainingRun.objects.exists()
