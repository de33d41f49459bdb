from dataclasses import replace

import pytest

from registry.imports.changed import changed_since
from registry.imports.records import ImportedDataset, ImportedModelVersion, ImportedRegisteredModel
from registry.imports.undo import undo_import
from registry.models import (
    Dataset,
    Import,
    ImportedItem,
    ModelAlias,
    ModelVersion,
    RegisteredModel,
    TrainingRun,
)
from registry.services.model_aliases import set_alias
from registry.services.registered_models import delete_model
from tests.registry.imports.listed import Listed, causes, imported, run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo", "redis_keys")]
RUN = f"{1:032x}"


def model(last: int, **aliases: int) -> ImportedRegisteredModel:
    versions = [ImportedModelVersion(number, run_source_id=RUN) for number in range(1, last + 1)]
    return ImportedRegisteredModel("f", "fraud", versions=versions, aliases=aliases)


def test_versions_registered_in_the_source_since_come_with_the_next_call() -> None:
    source = Listed([run(1)], registered=[model(2, champion=2)])
    number = imported(source).import_id or 0
    source.registered = [model(4, champion=4, newest=4)]
    planned, again = imported(source, is_dry=True), imported(source)
    assert planned.imported["model_version"] == again.imported["model_version"] == 2
    assert again.is_complete
    assert "2 model versions imported" in again.summary()
    assert list(ModelVersion.objects.order_by("number").values_list("number", "run__run_id")) == [
        (each, RUN) for each in (1, 2, 3, 4)
    ]
    assert dict(ModelAlias.objects.values_list("alias", "version__number")) == {"champion": 2, "newest": 4}
    assert ImportedItem.objects.get(kind="registered_model").version == 4
    assert "model_version" not in imported(source).imported
    assert changed_since(Import.objects.get()) == []
    undo_import(number)
    assert not RegisteredModel.objects.exists()


def test_new_versions_do_not_hide_what_people_changed() -> None:
    source = Listed([run(1)], registered=[model(1)])
    imported(source)
    set_alias(model="fraud", alias="ours", version=1)
    source.registered = [model(2)]
    assert imported(source).imported["model_version"] == 1
    assert changed_since(Import.objects.get()) == ["fraud"]


def test_a_version_that_is_registered_here_and_there_since_is_told() -> None:
    source = Listed([run(1)], registered=[model(1)])
    imported(source)
    ours = RegisteredModel.objects.get()
    ModelVersion.objects.create(model=ours, number=2)
    RegisteredModel.objects.update(last_number=2)
    source.registered = [model(3)]
    report = imported(source)
    assert causes(report) == [
        ("registered_model", "Version 2 of 'fraud' was registered here since, and there since."),
    ]
    assert "model_version" not in report.imported
    assert ModelVersion.objects.count() == 2


def test_what_was_purged_since_is_told_and_stays_away() -> None:
    reading = run(1, dataset_source_id="d")
    source = Listed(
        [reading, run(2)], dataset_records=[ImportedDataset("d", "wine", "x")], registered=[model(1)]
    )
    imported(source)
    delete_model(name="fraud")
    TrainingRun.objects.filter(run_id=RUN).delete()
    Dataset.objects.all().delete()
    source.registered = [model(2)]
    report = imported(source)
    assert report.refused == {"gone since": 3}
    assert report.is_complete
    assert (report.there["run"], report.there["dataset"], report.there["registered_model"]) == (1, 0, 0)
    assert "3 gone since they came" in report.summary()
    assert TrainingRun.objects.get().name == "run 2"
    source.run_records = [run(2), replace(run(3), dataset_source_id="d")]
    new = imported(source)
    assert new.refused == {"gone since": 3, "run": 1}
    assert not new.is_complete
