"""What a database and a folder of the same runs are read as."""

import datetime as dt
import math
from pathlib import Path

import pytest

from registry.imports.mlflow.opening import Wanted, open_source
from registry.imports.records import (
    ImportedInput,
    ImportedLoggedModel,
    ImportedModelLink,
    ImportedModelScore,
    ImportedModelVersion,
    ImportedRegisteredModel,
    ImportedRun,
)
from tests.registry.imports.mlflow.reading import Read, read
from tests.registry.imports.mlflow.stores import (
    AT,
    GONE,
    INNER,
    MODEL,
    OUTER,
    change,
    write_database,
    write_folder,
)

STARTED = dt.datetime.fromtimestamp(AT / 1_000, dt.UTC)


@pytest.fixture(params=["database", "folder"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "database":
        return write_database(tmp_path / "mlflow.db")
    return write_folder(tmp_path / "mlruns")


@pytest.fixture
def found(place: Path) -> Read:
    return read(place)


def test_nothing_of_a_whole_store_is_refused(found: Read) -> None:
    assert found.problems == []


def test_experiments_come_with_their_tags_and_the_bin(found: Read) -> None:
    told = [(each.source_id, each.name, each.is_deleted) for each in found.records["experiments"]]
    assert told == [("1", "first", False), ("2", "gone", True)]
    first = found.records["experiments"][0]
    assert (first.description, first.tags) == ("words", {"mlflow.note.content": "words"})
    assert (first.created_at, first.custom) == (STARTED, {"mlflow": {"experiment_id": "1"}})


def test_runs_keep_their_ids_times_names_and_parents(found: Read) -> None:
    outer, inner, gone = found.records["runs"]
    assert isinstance(outer, ImportedRun)
    assert (outer.run_id, outer.name, outer.status, outer.experiment_source_id) == (
        OUTER, "outer", "FINISHED", "1",
    )  # fmt: skip
    assert (outer.started_at, outer.ended_at) == (STARTED, STARTED + dt.timedelta(seconds=1))
    assert (outer.params, outer.is_flat) == ({"a.b": "1"}, True)
    assert outer.custom["mlflow"] == {"experiment_id": "1", "user_id": "ada"}
    assert (inner.run_id, inner.status, inner.parent_source_id, inner.ended_at) == (
        INNER,
        "RUNNING",
        OUTER,
        None,
    )
    assert (gone.run_id, gone.name, gone.is_deleted, gone.experiment_source_id) == (GONE, "old", True, "2")


def test_points_come_with_their_steps_and_what_is_no_number(found: Read) -> None:
    assert [(p.key, p.step, p.timestamp_ms) for p in found.points[OUTER]] == [
        ("loss", 1, AT), ("loss", 2, AT), ("n", 0, AT),
    ]  # fmt: skip
    half, nothing, two = (point.value for point in found.points[OUTER])
    assert (half, math.isnan(nothing), two) == (0.5, True, 2.0)


def test_datasets_and_models_are_linked_to_their_runs(found: Read) -> None:
    (dataset,) = found.records["datasets"]
    assert (dataset.name, dataset.digest, dataset.source_type, dataset.source, dataset.profile) == (
        "rows", "1", "local", "{}", '{"num_rows": 3}',
    )  # fmt: skip
    outer = found.records["runs"][0]
    assert outer.inputs == [ImportedInput(dataset.source_id, [("mlflow.data.context", "train")])]
    assert outer.models == [ImportedModelLink(MODEL, "output", 3)]


def test_logged_models_keep_their_ids_and_what_they_scored(found: Read) -> None:
    (model,) = found.records["logged_models"]
    assert model == ImportedLoggedModel(
        source_id=MODEL, experiment_source_id="1", name="forest", model_id="d" * 32, run_source_id=OUTER,
        status="READY", params={"trees": "10"}, tags={"x": "y"}, created_at=STARTED, place=model.place,
        scores=[ImportedModelScore(OUTER, "acc", 0.5, 2, AT, "rows", "1")], artifacts=model.artifacts,
    )  # fmt: skip


def test_registered_models_come_with_versions_stages_tags_and_aliases(found: Read) -> None:
    (wine,) = found.records["registered_models"]
    first = ImportedModelVersion(
        1, run_source_id=OUTER, artifact_path="model", source=f"runs:/{OUTER}/model", stage="Production",
        tags={"n": "1"}, created_at=STARTED,
    )  # fmt: skip
    second = ImportedModelVersion(
        2, run_source_id=OUTER, logged_model_source_id=MODEL, source=f"models:/{MODEL}"
    )
    assert wine == ImportedRegisteredModel(
        "wine", "wine", "red", {"q": "w"}, [first, second], {"best": 2}, STARTED, wine.place
    )


def test_only_wanted_experiments_are_read(place: Path) -> None:
    found = read(place, Wanted(experiments=["gone"]))
    assert [each.name for each in found.records["experiments"]] == ["gone"]
    assert [each.run_id for each in found.records["runs"]] == [GONE]
    assert (found.records["datasets"], found.records["logged_models"]) == ([], [])
    assert found.records["registered_models"] == []
    assert [
        each.name for each in read(place, Wanted(experiments=["first"])).records["registered_models"]
    ] == ["wine"]


def test_an_experiment_that_is_not_there_is_told(place: Path) -> None:
    (problem,) = read(place, Wanted(experiments=["first", "none"])).of_kind("source")
    assert problem.cause == "There is no experiment named 'none'."


def test_the_same_store_has_the_same_fingerprint_until_something_is_logged(place: Path) -> None:
    def mark() -> str:
        return open_source(str(place), Wanted()).fingerprint()

    before = mark()
    assert mark() == before
    if place.is_dir():
        (place / "1" / OUTER / "tags").mkdir()
        (place / "1" / OUTER / "tags" / "new").write_text("1")
    else:
        change(place, "INSERT INTO tags VALUES ('new', '1', 'x')")
    assert mark() != before
