"""The whole import of a small store; the real client's stores are in tests/mlflow_client."""

import csv
import io
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from registry.enums import Lifecycle
from registry.models import Artifact, Experiment, LoggedModel, Metric, ModelAlias, RunInput, TrainingRun
from tests.registry.imports.mlflow.stores import (
    AT,
    GONE,
    INNER,
    OUTER,
    RUN,
    USUAL,
    change,
    write_database,
    write_folder,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada")


def _import(place: Path, *words: str) -> str:
    out = io.StringIO()
    call_command("import_mlflow", str(place), "--user", "ada", *words, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["database", "folder"])
def test_a_store_comes_across_whole_and_once(tmp_path: Path, ada: User, kind: str) -> None:
    place = write_database(tmp_path / "x.db") if kind == "database" else write_folder(tmp_path / "mlruns")
    said = _import(place)
    assert "2 experiments, 1 dataset, 3 runs, 1 logged model, 1 registered model imported" in said
    assert "3 runs with 3 points verified" in said
    outer, inner, gone = (TrainingRun.objects.get(run_id=run_id) for run_id in (OUTER, INNER, GONE))
    assert (outer.name, outer.created_by, outer.status) == ("outer", ada, "FINISHED")
    assert (inner.parent, gone.lifecycle, gone.experiment.lifecycle) == (
        outer, Lifecycle.DELETED, Lifecycle.DELETED,
    )  # fmt: skip
    assert list(outer.params.values_list("key", "value")) == [("a.b", "1")]
    assert list(outer.metrics.values_list("key", "latest_value", "min_value")) == [
        ("loss", pytest.approx(float("nan"), nan_ok=True), 0.5), ("n", 2.0, 2.0),
    ]  # fmt: skip
    assert RunInput.objects.get(run=outer).context == "train"
    assert LoggedModel.objects.get().metrics.get().value == 0.5
    alias = ModelAlias.objects.get()
    assert (alias.alias, alias.version.number, alias.version.logged_model) == (
        "best",
        2,
        LoggedModel.objects.get(),
    )
    assert alias.model.versions.get(number=1).stage == "Production"
    assert Artifact.objects.filter(run=outer).count() == (kind == "folder")
    assert "nothing new imported" in _import(place)


def test_the_default_experiment_keeps_its_id(tmp_path: Path, ada: User) -> None:
    runs = [{"run_uuid": OUTER, **RUN, "experiment_id": 0}]
    _import(write_database(tmp_path / "mlflow.db", runs=runs))
    assert Experiment.objects.get(name="Default").experiment_id == "0" * 32


def test_a_dry_run_writes_nothing(tmp_path: Path, ada: User) -> None:
    assert "3 runs" in _import(write_database(tmp_path / "mlflow.db"), "--dry-run")
    assert not Experiment.objects.filter(name="first").exists()
    assert not TrainingRun.objects.exists()


def test_runs_that_are_their_own_ancestors_stay_away(tmp_path: Path, ada: User) -> None:
    tags = [
        {"run_uuid": OUTER, "key": "mlflow.parentRunId", "value": INNER},
        {"run_uuid": INNER, "key": "mlflow.parentRunId", "value": OUTER},
    ]
    place = write_database(tmp_path / "mlflow.db", tags=tags)
    with pytest.raises(CommandError, match="There are problems"):
        _import(place)
    assert [run.run_id for run in TrainingRun.objects.all()] == [GONE]


def test_one_bad_run_stays_away_and_comes_when_it_is_mended(tmp_path: Path, ada: User) -> None:
    place = write_database(tmp_path / "mlflow.db")
    change(place, "UPDATE metrics SET value = 'high' WHERE key = 'n'")
    report = tmp_path / "report.csv"
    with pytest.raises(CommandError, match="There are problems; the rest is imported"):
        _import(place, "--report", str(report))
    (row,) = [row for row in csv.DictReader(report.read_text().splitlines()) if row["kind"] == "run"]
    assert (row["source_id"], row["cause"].startswith("The metric 'n' is 'high'")) == (OUTER, True)
    assert not TrainingRun.objects.filter(run_id=OUTER).exists()
    assert not Metric.objects.filter(run__run_id=OUTER).exists()
    change(place, "UPDATE metrics SET value = 2 WHERE key = 'n'")
    _import(place)
    assert TrainingRun.objects.filter(run_id=OUTER).exists()


def test_a_broken_database_leaves_nothing(tmp_path: Path, ada: User) -> None:
    place = write_database(tmp_path / "mlflow.db")
    place.write_bytes(place.read_bytes()[:-4_096])
    with pytest.raises(CommandError, match="mlflow.db is cut off"):
        _import(place)
    assert not Experiment.objects.filter(name="first").exists()


def test_files_elsewhere_are_reported_and_the_run_is_imported(tmp_path: Path, ada: User) -> None:
    runs = [{**USUAL["runs"][0], "artifact_uri": "s3://bucket/x"}, *USUAL["runs"][1:]]
    said = _import(write_database(tmp_path / "mlflow.db", runs=runs))
    assert f"run {OUTER}: s3://bucket/x is not asked. Log the files again from there." in said
    assert TrainingRun.objects.get(run_id=OUTER).started_at.timestamp() * 1_000 == AT
