import io
import math
import zlib
from contextlib import closing
from typing import Any

import pytest
from django.db import connection

from registry.enums import ImportState
from registry.exceptions import ConflictError
from registry.imports.book import LOCK
from registry.imports.records import (
    ImportedDataset,
    ImportedFile,
    ImportedInput,
    ImportedLoggedModel,
    ImportedModelLink,
    ImportedModelScore,
    ImportedModelVersion,
    ImportedRegisteredModel,
    Problem,
)
from registry.imports.undo import undo_import
from registry.models import Import, ImportedItem, LoggedModel, MetricPoint, ModelVersion, TrainingRun
from registry.services.experiments import create_experiment
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from registry.services.runs import start_run
from registry.sync.reconcile.service import reconcile
from registry.sync.relay import drain
from registry.sync.run_bodies import run_body
from tests.factories import UserFactory
from tests.registry.imports.listed import END, START, Listed, causes, imported, run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo", "redis_keys")]
SAMPLES = [
    MetricSample("loss", 0.5, 2, 20),
    MetricSample("loss", math.nan, 1, 10),
    MetricSample("loss", 0.5, 2, 20),
    MetricSample("loss", math.inf, 0, 5),
    MetricSample("accuracy", 0.75, 0, 5),
    MetricSample("gap", -0.0, -3, -1),
]


def test_an_imported_run_is_here_with_everything_of_its_own() -> None:
    params = {"optimizer": {"lr": 0.1, "name": "adam"}, "layers": [64, 32], "big": 2**40, "flag": True}
    source = Listed(
        [
            run(
                1, params=params, tags={"team": "blue"}, metrics=SAMPLES, model_name="forest",
                framework="sklearn", custom={"note": {"a.b": 1}}, dataset_source_id="d1",
                inputs=[ImportedInput("d2", [("mlflow.data.context", "validation")])],
                artifacts=[ImportedFile("plots/curve.txt", lambda: io.BytesIO(b"curve"))],
            )
        ],
        dataset_records=[ImportedDataset("d1", "first", "aa"), ImportedDataset("d2", "second", "bb")],
    )  # fmt: skip
    report = imported(source)
    assert causes(report) == []
    assert report.imported == {"experiment": 1, "dataset": 2, "run": 1}
    assert (report.verified.runs, report.verified.points, report.verified.documents) == (1, 5, 1)
    row = TrainingRun.objects.select_related("experiment", "dataset").get(run_id=f"{1:032x}")
    assert (row.experiment.name, row.dataset and row.dataset.name) == ("imported", "first")
    assert (row.started_at, row.ended_at, row.duration_seconds) == (START, END, 1_800)
    assert (row.accuracy, row.loss) == (0.75, 0.5)
    assert dict(row.params.values_list("key", "value")) == {
        "big": str(2**40), "flag": "true", "layers": "[64,32]", "optimizer.lr": "0.1",
        "optimizer.name": "adam",
    }  # fmt: skip
    assert [(file.path, file.size_bytes) for file in row.artifacts.all()] == [("plots/curve.txt", 5)]
    body = run_body(row).body or {}
    assert body["params"] == params
    assert body["custom"] == {"note": {"a.b": 1}}
    assert body["metrics"] == {"accuracy": 0.75, "gap": -0.0, "loss": 0.5}
    assert body["tags"] == [{"k": "team", "v": "blue"}]


def test_imported_metrics_are_exactly_what_logging_them_makes() -> None:
    imported(Listed([run(1, metrics=SAMPLES)]))
    create_experiment(name="e")
    logged = start_run(experiment="e")
    log_metrics(run_id=logged.run_id, points=SAMPLES)
    names = ("key", "latest_value", "latest_step", "latest_timestamp_ms", "min_value", "max_value")
    told = [
        repr(list(each.metrics.order_by("key").values_list(*names)))
        + repr(sorted(MetricPoint.objects.filter(metric__run=each).values_list("step", "timestamp_ms")))
        for each in TrainingRun.objects.all()
    ]
    assert len(told) == 2
    assert told[0] == told[1]


def test_the_same_import_again_brings_nothing_and_what_is_new_is_added() -> None:
    first = imported(Listed([run(1)]))
    again = imported(Listed([run(1)]))
    assert (again.import_id, again.imported, again.there) == (
        first.import_id, {"experiment": 0, "run": 0}, {"experiment": 1, "run": 1},
    )  # fmt: skip
    more = imported(Listed([run(1), run(2)]))
    assert more.imported == {"experiment": 0, "run": 1}
    assert TrainingRun.objects.count() == 2
    assert Import.objects.get().state == ImportState.DONE


def test_a_dry_run_tells_what_would_come_and_writes_nothing() -> None:
    report = imported(Listed([run(1), run(2, params={"x" * 300: 1})]), is_dry=True)
    assert (report.import_id, report.imported, report.refused) == (
        None, {"experiment": 1, "dataset": 0, "run": 1, "logged_model": 0, "registered_model": 0}, {"run": 1},
    )  # fmt: skip
    assert not Import.objects.exists()
    assert not TrainingRun.objects.exists()


def test_what_does_not_fit_is_refused_with_its_place_and_the_rest_comes() -> None:
    huge = "x" * (17 * 1024 * 1024)
    wrong = {
        "params": run(1, params={"text": huge}),
        "name": run(2, name="x" * 300),
        "end": run(3, ended_at=START.replace(year=2020)),
        "status": run(4, status="MOON"),
        "metric": run(5, metrics=[MetricSample("a", "high", 0, 0)]),
        "step": run(6, metrics=[MetricSample("a", 1.0, 2**70, 0)]),
        "experiment": run(7, experiment_source_id="9"),
        "tag": run(8, tags={"a": "half \ud800"}),
        "path": run(9, artifacts=[ImportedFile("../up", lambda: io.BytesIO(b""))]),
    }
    report = imported(Listed([*wrong.values(), run(10)]))
    assert report.refused == {"run": len(wrong)}
    assert [problem.place for problem in report.problems] == [f"run {n:032x}" for n in range(1, 10)]
    said = " ".join(problem.cause for problem in report.problems)
    for words in ("17.0 MB", "300 characters", "before it starts", "no status", "must be a number",
                  "beyond 64 bits", "not in the source", "surrogate", "artifact's path"):  # fmt: skip
        assert words in said
    assert [each.run_id[-1] for each in TrainingRun.objects.all()] == ["a"]


def test_a_strict_import_with_one_problem_stores_nothing() -> None:
    report = imported(Listed([run(1), run(2, name="x" * 300)]), is_strict=True)
    assert (report.imported, report.refused) == ({}, {"run": 1})
    assert not TrainingRun.objects.exists()


def test_ids_that_are_there_twice_or_from_elsewhere_are_refused() -> None:
    create_experiment(name="e")
    start_run(experiment="e", run_id=f"{2:032x}")
    report = imported(Listed([run(1), run(1, name="again"), run(2)]))
    assert report.refused == {"second run": 1, "run": 1}
    assert [cause for _, cause in causes(report)] == [
        f"The id '{1:032x}' is there twice; the first one counts.",
        f"There is already a run with id {2:032x}, which no import brought.",
    ]
    assert TrainingRun.objects.get(run_id=f"{1:032x}").name == "run 1"


def test_other_ids_become_new_ones_and_are_kept_as_a_tag() -> None:
    imported(Listed([run(1, source_id="old/7", run_id=None)]))
    row = TrainingRun.objects.get()
    assert dict(row.tags.values_list("key", "value")) == {"import.source_id": "old/7"}
    assert ImportedItem.objects.get(kind="run").our_id == row.run_id


def test_parents_are_linked_wherever_they_stand_and_cycles_are_refused() -> None:
    ids = [f"{number:032x}" for number in range(9)]
    report = imported(
        Listed(
            [
                run(1, parent_source_id=ids[2]), run(2), run(3, parent_source_id="nobody"),
                run(4, parent_source_id=ids[5]), run(5, parent_source_id=ids[4]),
                run(6, parent_source_id=ids[6]),
            ]
        )
    )  # fmt: skip
    assert report.refused == {"run": 3, "parent": 1}
    rows = TrainingRun.objects.order_by("run_id").values_list("run_id", "parent__run_id")
    assert list(rows) == [(ids[1], ids[2]), (ids[2], None), (ids[3], None)]
    drain()
    assert (run_body(TrainingRun.objects.get(run_id=ids[1])).body or {})["parent_run_id"] == ids[2]
    assert not _drift()


def test_an_experiment_is_joined_only_by_who_may_edit_it() -> None:
    owner, other = UserFactory(username="owner"), UserFactory(username="other")
    create_experiment(name="imported", user=owner)
    source = Listed([run(1)])
    refused = imported(source, user=other)
    assert causes(refused)[0] == (
        "experiment", "There is an experiment named 'imported' that you may not edit.",
    )  # fmt: skip
    assert refused.refused == {"experiment": 1, "run": 1}
    beside = imported(source, user=other, experiment_prefix="old/")
    assert beside.imported == {"experiment": 1, "run": 1}
    row = TrainingRun.objects.select_related("experiment", "created_by").get()
    assert (row.experiment.name, row.created_by, row.experiment.created_by) == ("old/imported", other, other)


def test_models_come_with_their_versions_aliases_and_runs() -> None:
    model_id = "b" * 32
    logged = ImportedLoggedModel(
        "m1", "1", "forest", model_id=model_id, run_source_id=f"{1:032x}", params={"depth": "3"},
        tags={"kind": "tree"}, scores=[ImportedModelScore(f"{1:032x}", "f1", 0.5, 0, 1)],
        artifacts=[ImportedFile("model.bin", lambda: io.BytesIO(b"bytes"))],
    )  # fmt: skip
    registered = ImportedRegisteredModel(
        "churn", "churn", "who leaves", {"team": "blue"},
        [
            ImportedModelVersion(2, run_source_id=f"{1:032x}", stage="Production", tags={"ok": "yes"}),
            ImportedModelVersion(5, logged_model_source_id="m1"),
        ],
        {"champion": 5},
    )  # fmt: skip
    source = Listed(
        [run(1, models=[ImportedModelLink("m1", "output", 3)])], logged=[logged], registered=[registered]
    )
    report = imported(source)
    assert causes(report) == []
    assert report.imported == {"experiment": 1, "run": 1, "logged_model": 1, "registered_model": 1}
    versions = ModelVersion.objects.order_by("number")
    assert list(versions.values_list("number", "stage", "run__run_id", "logged_model__model_id")) == [
        (2, "Production", f"{1:032x}", None), (5, "None", None, model_id),
    ]  # fmt: skip
    assert versions[1].model.aliases.get().alias == "champion"
    model = LoggedModel.objects.get()
    assert (model.status, model.params.get().value, model.metrics.get().value) == ("READY", "3", 0.5)
    assert model.run_links.get().step == 3
    assert imported(source).imported == {"experiment": 0, "run": 0, "logged_model": 0, "registered_model": 0}
    undo_import(report.import_id or 0)
    assert not LoggedModel.objects.exists()
    assert not ModelVersion.objects.exists()


def test_a_run_whose_file_can_not_be_read_is_refused_and_the_others_come() -> None:
    def gone() -> Any:
        raise FileNotFoundError(2, "No such file")

    report = imported(Listed([run(1, artifacts=[ImportedFile("a", gone)]), run(2)]))
    assert causes(report) == [("run", "The artifact 'a' can't be read: No such file.")]
    assert TrainingRun.objects.get().name == "run 2"


def test_a_source_that_can_not_be_read_stores_nothing() -> None:
    fault = Problem("the file", "It is cut off.", "Copy it again.", "source")
    report = imported(Listed([run(1)], problems=[fault]))
    assert (report.imported, report.refused) == ({}, {"source": 1})
    assert not Import.objects.exists()


def _drift() -> list[Any]:
    *_, report = reconcile(repair=False, deep=True)
    return list(report.result["findings"])


def test_two_commands_do_not_import_one_source_at_once() -> None:
    with closing(connection.copy()) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [LOCK, zlib.crc32(b"/data/listed") - 2**31])
        with pytest.raises(ConflictError, match="Another command is importing this source"):
            imported(Listed([run(1)]))
        cursor.execute("SELECT pg_advisory_unlock_all()")  # a closed connection lets go a moment later
    assert imported(Listed([run(1)])).imported["run"] == 1


def test_an_id_that_can_not_be_kept_is_refused() -> None:
    report = imported(
        Listed([run(1, source_id="x" * 600, run_id=None), run(2, source_id="a\x00b", run_id=None)])
    )
    assert report.refused == {"run": 2}
    assert not TrainingRun.objects.exists()
