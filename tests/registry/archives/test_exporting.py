import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError

from registry.archives import exporting
from registry.archives.exporting import RunChoice, export_runs
from registry.exceptions import ArtifactError
from registry.models import RunInput
from registry.parquet.folders import sha256_of
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from registry.services.registration import register_training_run
from tests.factories import (
    ArtifactFactory,
    DatasetFactory,
    ExperimentFactory,
    ParamFactory,
    RunFactory,
    UserFactory,
)

from .conftest import NOW, POINTS, archived, logged

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo", "redis_keys")]


def exported(tmp_path: Path, **options: Any) -> Path:
    *_, export = export_runs(folder=tmp_path / "out", **options)
    assert isinstance(export, exporting.Export)
    return export.folder


def table(folder: Path, name: str) -> pd.DataFrame:
    return pd.read_parquet(folder / f"{name}.parquet")


def test_an_export_holds_all_that_the_runs_logged_archived_points_too(tmp_path: Path) -> None:
    run = logged(RunFactory.create(name="ünï"))
    ParamFactory.create(run=run, key="lr", value="0.1")
    run.tags.create(key="team", value="vision")
    RunInput.objects.create(run=run, dataset=DatasetFactory.create(name="other"), context="validation")
    ArtifactFactory.create(run=run, path="model/weights.bin")
    archived()
    log_metrics(run_id=run.run_id, points=[MetricSample("loss", 2.5, 100, 7)])
    RunFactory.create(name="bare", ended_at=None, status="RUNNING")
    folder = exported(tmp_path)
    runs = table(folder, "runs").set_index("name")
    assert list(runs.index) == ["ünï", "bare"]
    assert runs.loc["ünï", "started_at"] == run.started_at
    assert pd.isna(runs.loc["bare", "ended_at"])
    points = table(folder, "metric_points")
    loss = points[points["key"] == "loss"]["value"].to_numpy()
    assert np.array_equal(loss, [*(p.value for p in POINTS if p.key == "loss"), 2.5], equal_nan=True)
    assert set(points["run_id"]) == {run.run_id}
    metrics = table(folder, "metrics").set_index("key")
    assert metrics.loc["loss", "latest_value"] == 2.5
    assert metrics.loc["loss", "max_value"] == math.inf
    assert table(folder, "params")[["key", "value", "value_number"]].to_numpy().tolist() == [
        ["lr", "0.1", 0.1]
    ]
    assert table(folder, "tags")["value"].tolist() == ["vision"]
    assert table(folder, "inputs")["context"].tolist() == ["validation"]
    assert table(folder, "artifacts")["path"].tolist() == ["model/weights.bin"]


def test_the_manifest_counts_and_digests_every_file(tmp_path: Path) -> None:
    logged(RunFactory.create())
    folder = exported(tmp_path, choice=RunChoice(until=NOW))
    manifest = json.loads((folder / "manifest.json").read_text())
    assert (manifest["schema_version"], manifest["runs"]) == (1, 1)
    assert manifest["filter"]["until"] == NOW.isoformat()
    assert {path.name for path in folder.iterdir()} == {*manifest["files"], "manifest.json"}
    for name, told in manifest["files"].items():
        assert (told["sha256"], told["bytes"]) == (sha256_of(folder / name), (folder / name).stat().st_size)
        assert told["rows"] == len(table(folder, name.removesuffix(".parquet")))
    assert manifest["files"]["runs.parquet"]["columns"]["started_at"] == "timestamp[us, tz=UTC]"


def test_an_export_is_narrowed_by_experiment_time_and_filter(tmp_path: Path) -> None:
    good, bad = (RunFactory.create(accuracy=accuracy) for accuracy in (0.9, 0.1))
    for run in (good, bad):
        log_metrics(run_id=run.run_id, points=[MetricSample("acc", run.accuracy or 0, 0, 0)])
    RunFactory.create(lifecycle="deleted", deleted_at=NOW)
    for number, (choice, names) in enumerate(
        [
            (RunChoice(where="metrics.acc > 0.5"), [good.name]),
            (RunChoice(experiments=[bad.experiment.name]), [bad.name]),
            (RunChoice(since=bad.started_at), [bad.name]),
            (RunChoice(until=bad.started_at), [good.name]),
            (RunChoice(until=good.started_at), []),
        ]
    ):
        assert table(exported(tmp_path / str(number), choice=choice), "runs")["name"].tolist() == names


def test_bodies_are_exported_as_they_were_logged(tmp_path: Path) -> None:
    user: User = UserFactory.create()
    run = register_training_run(
        experiment=ExperimentFactory.create().name, name="r", model_name="m", framework="f", dataset=DatasetFactory.create().name,
        config={"layers": [{"units": 64}], "a.b": "$x"}, user=user,
    )  # fmt: skip
    (body,) = table(exported(tmp_path, with_bodies=True), "bodies").to_dict("records")
    assert body["run_id"] == run.run_id
    assert json.loads(body["body"])["params"] == {"layers": [{"units": 64}], "a.b": "$x"}


def test_an_export_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logged(RunFactory.create())

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exporting, "add_points", full)
    with pytest.raises(ArtifactError, match="No space left"):
        exported(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_command_refuses_a_folder_that_is_there_and_a_wrong_filter(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="exists already"):
        call_command("export_runs", "--out", str(tmp_path))
    with pytest.raises(CommandError, match="acc"):
        call_command("export_runs", "--out", str(tmp_path / "x"), "--where", "metrics.acc >")
    assert list(tmp_path.iterdir()) == []
