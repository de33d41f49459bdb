import io
from pathlib import Path

import pytest
from django.db import transaction

from registry.documents.connection import collection
from registry.enums import ImportState, SagaState
from registry.exceptions import ConflictError
from registry.imports.records import (
    ImportedDataset,
    ImportedExperiment,
    ImportedFile,
    ImportedModelVersion,
    ImportedRegisteredModel,
)
from registry.imports.undo import UNDO, undo_import
from registry.models import (
    Artifact,
    Dataset,
    Experiment,
    Import,
    MetricPoint,
    OutboxEntry,
    Param,
    RegisteredModel,
    TrainingRun,
)
from registry.services.datasets import create_dataset
from registry.services.metric_samples import MetricSample
from registry.services.registered_models import delete_model, register_model
from registry.services.runs import start_run
from registry.services.tags import set_run_tags
from registry.sync.relay import drain
from registry.sync.saga_engine import advance, begin
from tests.registry.imports.listed import Listed, imported, run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo", "redis_keys")]


def source() -> Listed:
    return Listed(
        [
            run(
                number, params={"a": 1}, metrics=[MetricSample("m", 1.0, 0, 0)], dataset_source_id="d",
                artifacts=[ImportedFile("f", lambda: io.BytesIO(b"f"))], is_deleted=number == 2,
            )
            for number in (1, 2)
        ],
        dataset_records=[ImportedDataset("d", "d", "x")],
    )  # fmt: skip


def brought() -> int:
    return imported(source()).import_id or 0


def test_an_import_that_is_taken_back_is_gone_from_every_store_and_can_come_again(root: Path) -> None:
    number = brought()
    other = start_run(experiment="imported", name="other")
    with pytest.raises(ConflictError, match=f"other runs are in its experiments .{other.run_id}"):
        undo_import(number)
    TrainingRun.objects.filter(pk=other.pk).delete()
    saga = undo_import(number)
    drain()
    assert saga.state == SagaState.DONE
    assert Import.objects.get().state == ImportState.UNDONE
    assert [
        rows.objects.count() for rows in (TrainingRun, Experiment, Dataset, Param, MetricPoint, Artifact)
    ] == [0] * 6
    assert not [path for path in root.rglob("*") if path.is_file()]
    assert collection("runs").count_documents({"deleted": {"$ne": True}}) == 1  # the other run's
    assert not OutboxEntry.objects.exists()
    with pytest.raises(ConflictError, match="taken back already"):
        undo_import(number)
    again = imported(source())
    assert (again.imported["run"], again.verified.runs, again.verified.documents) == (2, 2, 2)


def test_what_was_joined_stays() -> None:
    first = imported(Listed([run(1)]))
    second = imported(Listed([run(2)], place="/data/other"))
    undo_import(second.import_id or 0)
    assert Experiment.objects.get().name == "imported"
    assert TrainingRun.objects.get().run_id == f"{1:032x}"
    undo_import(first.import_id or 0)


def test_an_import_that_somebody_changed_is_taken_back_only_by_those_who_say_so() -> None:
    number = brought()
    set_run_tags(run_id=f"{1:032x}", tags={"looked": "at"})
    with pytest.raises(ConflictError, match=f"1 were changed since they came .{1:032x}"):
        undo_import(number)
    assert Import.objects.get().state == ImportState.DONE
    undo_import(number, even_changed=True)
    assert not TrainingRun.objects.exists()


def test_a_run_of_the_same_id_that_another_import_brought_stays() -> None:
    first = imported(Listed([run(1), run(2)]))
    TrainingRun.objects.filter(run_id=f"{1:032x}").delete()
    elsewhere = [ImportedExperiment("1", "elsewhere")]
    imported(Listed([run(1)], place="/data/grown", experiment_records=elsewhere))
    undo_import(first.import_id or 0)
    assert TrainingRun.objects.get().run_id == f"{1:032x}"
    assert Experiment.objects.get().name == "elsewhere"


def test_a_model_and_a_dataset_of_the_same_name_that_people_made_since_stay() -> None:
    model = ImportedRegisteredModel("m", "fraud", versions=[ImportedModelVersion(1)])
    data = [ImportedDataset("d", "wine", "x")]
    number = imported(Listed([run(1)], dataset_records=data, registered=[model])).import_id or 0
    delete_model(name="fraud")
    theirs = register_model(name="fraud")
    RegisteredModel.objects.filter(pk=theirs.pk).update(last_number=1)
    Dataset.objects.filter(name="wine").delete()
    create_dataset(name="wine", digest="y")
    undo_import(number)
    assert not TrainingRun.objects.exists()
    assert RegisteredModel.objects.get() == theirs
    assert Dataset.objects.get().digest == "y"


def test_the_second_of_two_that_take_an_import_back_at_once_is_refused() -> None:
    number = brought()
    with transaction.atomic():
        sagas = [begin(UNDO, aggregate_id=str(number), data={"even_changed": False}) for _ in range(2)]
    assert advance(sagas[0].saga_id).state == SagaState.DONE
    with pytest.raises(ConflictError, match="taken back already"):
        advance(sagas[1].saga_id)
    assert Import.objects.get().state == ImportState.UNDONE
