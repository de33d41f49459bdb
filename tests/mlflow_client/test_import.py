"""Stores that ``mlflow`` itself wrote, imported and compared: its client on its store against it on ours."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.entities import Experiment, Run, ViewType

from tests.mlflow_client.genuine_stores import DATASET_STEP, FRAME, POINTS, tracking_in, write_store
from tests.mlflow_client.platform_site import OurSite, Site

pytestmark = pytest.mark.ours
LARGEST = 1.7976931348623157e308  # what MLflow's SQL store makes of infinity
Point = tuple[int, int, str]


@dataclass(frozen=True)
class Moved:
    """A store of MLflow's whose content is on our site, too."""

    name: str
    uri: str
    place: str
    said: str
    site: OurSite
    theirs: MlflowClient

    def experiments(self) -> list[Experiment]:
        """Those that the store holds, deleted ones too; without MLflow's own empty one."""
        found = self.theirs.search_experiments(view_type=ViewType.ALL)
        return [each for each in found if each.name.startswith(self.name)]

    def runs(self) -> list[Run]:
        """Those of the store, deleted ones too."""
        ids = [each.experiment_id for each in self.experiments()]
        return list(self.theirs.search_runs(ids, run_view_type=ViewType.ALL, max_results=1_000))


@pytest.fixture(scope="module", params=["file", "sqlite"])
def moved(
    request: pytest.FixtureRequest, site: Site, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Moved]:
    """The store, written by mlflow and imported in Ada's name."""
    assert isinstance(site, OurSite)
    folder: Path = tmp_path_factory.mktemp(request.param)
    place = folder / ("mlruns" if request.param == "file" else "mlflow.db")
    uri = f"file://{place}" if request.param == "file" else f"sqlite:///{place}"
    name = f"moved-{request.param}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")  # asked for since mlflow 3.13
        write_store(uri, folder, name)
        said = site.manage("import_mlflow", str(place), "--user", "ada")
        theirs = MlflowClient(tracking_uri=uri, registry_uri=uri)
        yield Moved(name, uri, str(place), said, site, theirs)


def _points(client: MlflowClient, run_id: str, key: str) -> list[Point]:
    """A history as text, so that NaN equals itself; infinity as a database has it.

    MLflow's file store writes the step of a point that names its dataset, and reads 0 instead of it.
    """
    return sorted(
        (DATASET_STEP if each.dataset_name else each.step, each.timestamp, repr(_value(each.value)))
        for each in client.get_metric_history(run_id, key)
    )


def _value(value: float) -> float:
    return math.copysign(LARGEST, value) if math.isinf(value) else value


def _latest(metrics: dict[str, float]) -> dict[str, str]:
    return {key: repr(_value(value)) for key, value in metrics.items()}


def _inputs(run: Run) -> list[tuple[Any, ...]]:
    return sorted(
        (each.dataset.name, each.dataset.digest, each.dataset.source_type, each.dataset.source,
         each.dataset.schema, each.dataset.profile, sorted((tag.key, tag.value) for tag in each.tags))
        for each in run.inputs.dataset_inputs
    )  # fmt: skip


def _files(client: MlflowClient, run_id: str, path: str = "") -> dict[str, int]:
    found: dict[str, int] = {}
    for each in client.list_artifacts(run_id, path or None):
        found |= _files(client, run_id, each.path) if each.is_dir else {each.path: each.file_size}
    return found


def test_everything_is_imported_verified_and_said(moved: Moved) -> None:
    runs = len(moved.runs())
    assert runs == 12
    assert (
        f"2 experiments, 2 datasets, {runs} runs, 1 logged model, 3 registered models imported" in moved.said
    )
    points = sum(
        len(moved.theirs.get_metric_history(each.info.run_id, key))
        for each in moved.runs()
        for key in each.data.metrics
    )
    assert f"{runs} runs with {points:,} points verified" in moved.said
    assert "problem" not in moved.said


def test_the_same_command_again_brings_nothing(moved: Moved) -> None:
    said = moved.site.manage("import_mlflow", moved.place, "--user", "ada")
    assert "nothing new imported" in said


def test_experiments_are_the_same(moved: Moved, client: MlflowClient) -> None:
    for each in moved.experiments():
        ours = client.get_experiment_by_name(each.name)
        assert ours is not None
        assert (ours.tags, ours.lifecycle_stage, ours.creation_time) == (
            each.tags, each.lifecycle_stage, each.creation_time,
        )  # fmt: skip


def test_runs_are_the_same_one_by_one_through_mlflows_api(moved: Moved, client: MlflowClient) -> None:
    for each in moved.runs():
        run_id, theirs = each.info.run_id, moved.theirs.get_run(each.info.run_id)
        ours = client.get_run(run_id)
        for name in ("run_name", "status", "start_time", "lifecycle_stage"):
            assert (run_id, name, getattr(ours.info, name)) == (run_id, name, getattr(theirs.info, name))
        is_ended = theirs.info.status not in ("RUNNING", "SCHEDULED")
        assert ours.info.end_time == (theirs.info.end_time or (theirs.info.start_time if is_ended else None))
        assert (ours.data.params, ours.data.tags) == (theirs.data.params, theirs.data.tags)
        assert _inputs(ours) == _inputs(theirs)
        assert [(o.model_id, o.step) for o in ours.outputs.model_outputs] == [
            (o.model_id, o.step) for o in theirs.outputs.model_outputs
        ]
        assert _files(client, run_id) == _files(moved.theirs, run_id)


def test_every_point_of_every_metric_is_the_same(moved: Moved, client: MlflowClient) -> None:
    longest = 0
    for each in moved.runs():
        run_id, theirs = each.info.run_id, moved.theirs.get_run(each.info.run_id).data.metrics
        assert _latest(client.get_run(run_id).data.metrics) == _latest(theirs)
        for key in theirs:
            points = _points(client, run_id, key)
            assert points == _points(moved.theirs, run_id, key)
            longest = max(longest, len(points))
    assert longest == POINTS


def test_runs_are_the_same_through_our_own_api(moved: Moved) -> None:
    for each in moved.runs():
        ours = moved.site.ask(f"/api/1/runs/{each.info.run_id}")["run"]
        theirs = moved.theirs.get_run(each.info.run_id)
        assert ours["name"] == theirs.info.run_name
        assert ours["status"] == theirs.info.status
        assert ours["params"] == theirs.data.params
        assert ours["tags"] == theirs.data.tags
        assert ours["metrics"].keys() == theirs.data.metrics.keys()


def test_files_are_the_same_to_the_byte(moved: Moved, client: MlflowClient, tmp_path: Path) -> None:
    (outer,) = [each for each in moved.runs() if each.info.run_name == "outer"]
    for whose in ("ours", "theirs"):
        (tmp_path / whose).mkdir()
    ours, theirs = (
        Path(each.download_artifacts(outer.info.run_id, "", str(tmp_path / whose)))
        for whose, each in (("ours", client), ("theirs", moved.theirs))
    )
    names = sorted(path.relative_to(ours) for path in ours.rglob("*") if path.is_file())
    assert {name.as_posix() for name in names} >= {"config.json", "notes/words.txt"}
    for name in names:
        assert (ours / name).read_bytes() == (theirs / name).read_bytes()


def test_logged_models_are_the_same(moved: Moved, client: MlflowClient) -> None:
    ids = [each.experiment_id for each in moved.experiments() if each.lifecycle_stage == "active"]
    (theirs,) = moved.theirs.search_logged_models(ids)
    ours = client.get_logged_model(theirs.model_id)
    for name in (
        "model_id",
        "name",
        "model_type",
        "status",
        "source_run_id",
        "params",
        "tags",
        "creation_timestamp",
    ):
        assert (name, getattr(ours, name) or "") == (name, getattr(theirs, name) or "")
    (score,) = [(m.key, m.value, m.step, m.run_id, m.dataset_name, m.dataset_digest) for m in ours.metrics]
    assert score in [
        (m.key, m.value, m.step, m.run_id, m.dataset_name, m.dataset_digest) for m in theirs.metrics
    ]


def test_registered_models_are_the_same(moved: Moved, client: MlflowClient) -> None:
    for name in (f"{moved.name}-wine", f"{moved.name}-empty"):
        theirs, ours = moved.theirs.get_registered_model(name), client.get_registered_model(name)
        assert (ours.description or "", ours.tags, ours.creation_timestamp) == (
            theirs.description or "", theirs.tags, theirs.creation_timestamp,
        )  # fmt: skip
        assert ours.aliases == {alias: str(version) for alias, version in theirs.aliases.items()}
        versions = [
            moved.theirs.search_model_versions(f"name = '{name}'"),
            client.search_model_versions(f"name = '{name}'"),
        ]
        told = [
            {
                str(each.version): (
                    each.run_id or "",
                    each.status,
                    each.current_stage,
                    each.description or "",
                    each.tags,
                )
                for each in found
            }
            for found in versions
        ]
        assert told[1] == told[0]


def test_prompts_are_the_same(moved: Moved, client: MlflowClient) -> None:
    address = f"prompts:/{moved.name}-prompt/1"
    ours = mlflow.genai.load_prompt(address)
    with tracking_in(moved.uri):
        assert ours.template == mlflow.genai.load_prompt(address).template == "Say {{word}} once"


def test_a_model_that_moved_still_predicts(moved: Moved, client: MlflowClient) -> None:
    address = f"models:/{moved.name}-wine@champion"
    ours = mlflow.sklearn.load_model(address)
    with tracking_in(moved.uri):
        theirs = mlflow.sklearn.load_model(address)
    assert list(ours.predict(FRAME[["x"]])) == list(theirs.predict(FRAME[["x"]]))


def test_runs_that_moved_are_found_and_go_on(moved: Moved, client: MlflowClient) -> None:
    experiment = client.get_experiment_by_name(f"{moved.name}-first")
    assert experiment is not None
    found = client.search_runs([experiment.experiment_id], "metrics.accuracy > 0.65 AND params.number = '2'")
    assert [run.info.run_name for run in found] == ["inner 2"]
    mlflow.set_experiment(experiment.name)  # other tests have set theirs
    with mlflow.start_run(run_id=found[0].info.run_id):
        mlflow.log_metric("accuracy", 0.99, step=9)
    assert client.get_run(found[0].info.run_id).data.metrics["accuracy"] == 0.99


def test_what_is_no_store_is_told(ours: OurSite, tmp_path: Path) -> None:
    (tmp_path / "mlflow.db").write_bytes(b"SQLite format 3\x00 and nothing more")
    with pytest.raises(AssertionError, match="mlflow.db is cut off"):
        ours.manage("import_mlflow", str(tmp_path / "mlflow.db"))
