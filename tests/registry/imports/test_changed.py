import io
from typing import Any

import pytest
from django.utils import timezone

from registry.exceptions import ConflictError
from registry.imports.changed import changed_since
from registry.imports.records import (
    ImportedDataset,
    ImportedFile,
    ImportedLoggedModel,
    ImportedModelVersion,
    ImportedRegisteredModel,
)
from registry.imports.undo import undo_import
from registry.models import Import, LoggedModel, RunModel, RunNote, TrainingRun
from registry.services.artifacts import log_artifact, log_owned_artifact
from registry.services.descriptions import describe_dataset
from registry.services.experiments import create_experiment
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from registry.services.model_aliases import set_alias
from registry.services.runs import start_run
from tests.registry.imports.listed import Listed, imported, run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo", "redis_keys")]
IDS = [f"{number:032x}" for number in range(9)]


def brought(**rest: Any) -> Import:
    points = [MetricSample("m", float(step), step, step) for step in range(3)]
    files = [ImportedFile("f", lambda: io.BytesIO(b"f"))]
    runs = [
        run(number, status="RUNNING" if number == 1 else "FINISHED", metrics=points, artifacts=files)
        for number in range(1, 5)
    ]
    report = imported(
        Listed(
            runs, dataset_records=[ImportedDataset("d", "wine", "x"), ImportedDataset("e", "beer", "x")],
            logged=[ImportedLoggedModel(str(n), "1", "forest", model_id=IDS[n]) for n in (7, 8)],
            registered=[
                ImportedRegisteredModel(name, name, versions=[ImportedModelVersion(1)]) for name in ("a", "b")
            ], **rest,
        )
    )  # fmt: skip
    return Import.objects.get(pk=report.import_id)


def test_an_import_that_nobody_touched_is_as_it_came() -> None:
    assert changed_since(brought()) == []


def test_what_people_add_without_a_new_version_is_noticed() -> None:
    row = brought()
    log_metrics(run_id=IDS[1], points=[MetricSample("m", 9.0, 9, 9)])
    log_artifact(run_id=IDS[2], path="f", content=b"another")
    noted = TrainingRun.objects.get(run_id=IDS[3])
    RunNote.objects.create(run=noted, at=timezone.now(), text="the best")
    log_owned_artifact(owner=LoggedModel.objects.get(model_id=IDS[7]), path="model.bin", content=b"model")
    set_alias(model="a", alias="champion", version=1)
    describe_dataset(name="wine", description="red")
    assert sorted(changed_since(row)) == sorted([*IDS[1:4], IDS[7], "a", "wine"])
    with pytest.raises(ConflictError, match="6 were changed since they came"):
        undo_import(row.pk)
    undo_import(row.pk, even_changed=True)
    assert not TrainingRun.objects.exists()


def test_runs_that_read_an_imported_model_hold_its_import() -> None:
    row = brought()
    create_experiment(name="elsewhere")
    other = start_run(experiment="elsewhere", name="other")
    RunModel.objects.create(
        run=other, model=LoggedModel.objects.get(model_id=IDS[8]), role=RunModel.Role.INPUT
    )
    with pytest.raises(ConflictError, match=f"other runs read or made its models .{other.run_id}"):
        undo_import(row.pk, even_changed=True)
