"""What is wrong with a database is told, with its place, and the rest is read."""

import sqlite3
from pathlib import Path

import pytest

from registry.exceptions import BadInputError
from registry.imports.mlflow.opening import Wanted, open_source
from registry.imports.mlflow.tables import SqliteTables
from registry.imports.mlflow.values import UnreadableError
from tests.registry.imports.mlflow.reading import read
from tests.registry.imports.mlflow.stores import (
    AT,
    GONE,
    INNER,
    MODEL,
    OUTER,
    RUN,
    USUAL,
    change,
    write_database,
)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return write_database(tmp_path / "mlflow.db")


def _refused(place: Path) -> str:
    """Why a source as a whole is refused, be it when it is opened or when it is examined."""
    try:
        source = open_source(str(place), Wanted())
    except BadInputError as error:
        return str(error)
    assert len(source.fingerprint()) == 64
    (problem,) = [found for found in source.examine() if hasattr(found, "cause")]
    assert problem.kind == "source"
    return problem.cause


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("words")
    assert _refused(tmp_path / "notes.txt").startswith("notes.txt is no SQLite database")


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    other = change(tmp_path / "other.db", "CREATE TABLE runs (id INTEGER)")
    assert _refused(other) == (
        "This is no database of MLflow's: it has no table alembic_version, experiments, metrics, params, tags."
    )


def test_a_database_that_is_cut_off_is_refused(database: Path) -> None:
    whole = database.read_bytes()
    for kept in (len(whole) - 4_096, len(whole) // 2, 1_000, 20):
        database.write_bytes(whole[:kept])
        assert " is cut off: " in _refused(database)


def test_a_database_with_a_broken_page_is_refused(database: Path) -> None:
    data = bytearray(database.read_bytes())
    data[4_096 * 3 : 4_096 * 4] = b"\xff" * 4_096
    database.write_bytes(data)
    assert "The database " in _refused(database)


def test_a_database_that_is_locked_is_told(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.imports.sqlite.opening.BUSY_SECONDS", 0)
    other = sqlite3.connect(database, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(UnreadableError, match="Another program keeps the database locked. Stop MLflow"):
        SqliteTables(database)
    other.close()


def test_a_database_is_never_written(database: Path) -> None:
    tables = SqliteTables(database)
    with pytest.raises(UnreadableError, match="not authorized"):
        list(tables.tuples("DELETE FROM runs RETURNING run_uuid"))


def test_a_value_without_end_is_refused(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.imports.mlflow.tables.LARGEST_VALUE", 1_000_000)
    change(database, "UPDATE params SET value = printf('%.*c', 2000000, 'x')")
    with pytest.raises(UnreadableError, match="a value of more than 0 MB"):
        read(database)


@pytest.mark.parametrize(
    ("statement", "cause"),
    [
        ("UPDATE runs SET status = 'LOST' WHERE name = 'outer'", "The status is 'LOST'."),
        ("UPDATE runs SET start_time = 'noon' WHERE name = 'outer'",
         "start_time is 'noon' instead of a whole number of 64 bits."),
        ("UPDATE runs SET end_time = 1e300 WHERE name = 'outer'",
         f"end_time is {str(1e300)!r} instead of a whole number of 64 bits."),
        ("UPDATE runs SET end_time = 9000000000000000000 WHERE name = 'outer'",
         "end_time is 9000000000000000000, which no calendar has."),
        ("UPDATE runs SET name = CAST(x'ff6c' AS TEXT) WHERE name = 'outer'", "name is no UTF-8 text."),
        ("UPDATE params SET value = CAST(x'e9' AS TEXT)", "a.b is no UTF-8 text."),
        ("UPDATE params SET value = x'00ff'", "a.b is no text."),
        ("UPDATE params SET key = CAST(x'e9' AS TEXT)", "a key is no UTF-8 text."),
    ],
)  # fmt: skip
def test_one_bad_run_is_refused_and_the_others_are_read(database: Path, statement: str, cause: str) -> None:
    found = read(change(database, statement))
    assert [(each.kind, each.place, each.cause) for each in found.problems] == [
        ("run", f"run {OUTER}", cause)
    ]
    assert [run.run_id for run in found.records["runs"]] == [INNER, GONE]


def test_a_run_whose_id_is_no_text_is_refused(database: Path) -> None:
    change(database, "UPDATE runs SET run_uuid = CAST(x'ff' AS TEXT) WHERE name = 'outer'")
    found = read(database)
    assert [each.cause for each in found.problems] == ["run_uuid is no UTF-8 text."]
    assert found.problems[0].place == "run ?"
    assert [run.run_id for run in found.records["runs"]] == [INNER, GONE]


def test_a_metric_that_is_no_number_is_told_where_it_is_read(database: Path) -> None:
    change(database, "UPDATE metrics SET value = 'high' WHERE key = 'n'")
    with pytest.raises(UnreadableError, match="The metric 'n' is 'high' instead of a number"):
        read(database)


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE experiments SET creation_time = 'x' WHERE name = 'first'", "experiment"),
        ("UPDATE datasets SET name = x'00'", "dataset"),
        ("UPDATE logged_models SET status = 9", "logged_model"),
        ("UPDATE logged_model_metrics SET metric_value = 'x'", "logged_model"),
        ("UPDATE model_versions SET version = 'x' WHERE version = 1", "registered_model"),
        ("UPDATE registered_model_aliases SET version = 'x'", "registered_model"),
    ],
)
def test_what_is_wrong_elsewhere_is_refused_by_itself(database: Path, statement: str, kind: str) -> None:
    found = read(change(database, statement))
    assert [each.kind for each in found.problems] == [kind]


def test_a_run_that_ends_before_it_starts_keeps_what_was_said(tmp_path: Path) -> None:
    runs = [{"run_uuid": OUTER, **RUN, "end_time": AT - 1}]
    (run,) = read(write_database(tmp_path / "mlflow.db", runs=runs)).records["runs"]
    assert (run.ended_at, run.custom["mlflow"]["end_time"]) == (None, str(AT - 1))


def test_a_run_id_of_another_shape_is_not_kept(tmp_path: Path) -> None:
    database = write_database(tmp_path / "mlflow.db", runs=[{"run_uuid": "old-1", **RUN}])
    (run,) = read(database).records["runs"]
    assert (run.source_id, run.run_id) == ("old-1", None)


def test_a_database_of_an_old_mlflow_is_read_by_the_columns_it_has(database: Path) -> None:
    tables = ("datasets", "inputs", "input_tags", "experiment_tags", "registered_models", "model_versions")
    columns = {
        "metrics": ("step", "is_nan"),
        "experiments": ("creation_time", "workspace"),
        "runs": ("deleted_time",),
    }
    for table in tables:
        change(database, f"DROP TABLE {table}")
    for table, names in columns.items():
        for name in names:
            change(database, f"ALTER TABLE {table} DROP COLUMN {name}")
    found = read(database)
    assert found.problems == []
    assert [(p.key, p.value, p.step) for p in found.points[OUTER]] == [
        ("loss", 0.5, 0), ("loss", 0.0, 0), ("n", 2.0, 0),
    ]  # fmt: skip
    assert found.records["registered_models"] == []


def test_names_are_unique_across_workspaces(tmp_path: Path) -> None:
    experiments = [*USUAL["experiments"], {"experiment_id": 3, "name": "first", "workspace": "lab"}]
    models = [*USUAL["registered_models"], {"name": "wine", "workspace": "lab"}]
    place = write_database(tmp_path / "mlflow.db", experiments=experiments, registered_models=models)
    found = read(place)
    assert [each.name for each in found.records["experiments"]] == ["first", "gone", "first (lab)"]
    assert [(each.name, len(each.versions)) for each in found.records["registered_models"]] == [
        ("wine", 2), ("wine (lab)", 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "storage", "made_of"),
    [
        ("/old/mlruns/1/" + OUTER + "/artifacts/model", "", (OUTER, "", "model", f"runs:/{OUTER}/model")),
        ("s3://b/1/models/" + MODEL + "/artifacts", "", ("", MODEL, "", f"models:/{MODEL}")),
        ("models:/other/1", f"s3://b/1/{OUTER}/artifacts/m/", (OUTER, "", "m", f"runs:/{OUTER}/m")),
        ("s3://bucket/model", "", ("", "", "", "s3://bucket/model")),
    ],
)
def test_a_version_is_made_of_what_its_source_names(
    tmp_path: Path, source: str, storage: str, made_of: tuple[str, ...]
) -> None:
    versions = [{"name": "wine", "version": 1, "source": source, "storage_location": storage}]
    versions = [{**each, "workspace": "default"} for each in versions]
    (wine,) = read(write_database(tmp_path / "x.db", model_versions=versions)).records["registered_models"]
    (found,) = wine.versions
    assert (found.run_source_id, found.logged_model_source_id, found.artifact_path, found.source) == made_of


def test_what_has_no_place_here_is_counted(database: Path) -> None:
    change(database, "CREATE TABLE trace_info (request_id TEXT); INSERT INTO trace_info VALUES ('1'), ('2')")
    (problem,) = read(database).of_kind("left out")
    assert (problem.place, problem.cause) == ("trace_info", "2 traces are left out.")
