import json
import sqlite3
from contextlib import closing
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from registry.imports.sqlite.source import SqliteSource
from registry.models import Import, MetricPoint, TrainingRun
from registry.services.api_tokens import issue_token
from registry.sync.run_bodies import run_body
from tests.factories import UserFactory
from tests.registry.imports.listed import causes, imported

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo", "redis_keys")]
RUN = "a" * 32


def test_runs_of_an_unknown_schema_come_with_their_types(sqlite_path: Path) -> None:
    report = imported(SqliteSource(sqlite_path))
    assert [problem.cause for problem in report.problems] == [
        "1 rows belong to no run (the first to 'gone')."
    ]
    assert report.imported == {"experiment": 1, "dataset": 1, "run": 2}
    assert (report.verified.runs, report.verified.points) == (2, 6)
    first = TrainingRun.objects.select_related("experiment", "dataset").get(run_id=RUN)
    assert (first.name, first.status, first.duration_seconds) == ("first", "FINISHED", 3_600)
    assert (first.experiment.name, first.experiment.description) == ("old work", "by hand")
    assert (first.dataset and first.dataset.digest) == "ab12"
    assert (run_body(first).body or {})["params"] == {
        "rate": 0.1, "depth": 3, "augmented": True, "config": {"layers": [64, 32], "drop": {"rate": 0.5}},
    }  # fmt: skip
    assert [(file.path, file.size_bytes) for file in first.artifacts.all()] == [("weights.bin", 2)]
    assert dict(first.tags.values_list("key", "value")) == {"team": "blue"}
    points = MetricPoint.objects.filter(metric__run=first).order_by("step").values_list("step", "value")
    assert repr(list(points)) == "[(0, 1.0), (1, inf), (2, nan)]"
    second = TrainingRun.objects.get(name="second")
    assert second.tags.get(key="import.source_id").value == "42"
    body = (run_body(second).body or {})["params"]
    assert [isinstance(body[key], kind) for key, kind in (("rate", float), ("depth", int))] == [True, True]
    assert (body["rate"], body["depth"], body["augmented"]) == (1.0, 2**40, False)


def test_a_mapping_that_people_edited_is_followed(sqlite_path: Path, tmp_path: Path) -> None:
    out = StringIO()
    call_command("import_sqlite", sqlite_path, discover=True, stdout=out)
    mapping = json.loads(out.getvalue())
    assert [table["name"] for table in mapping["tables"]] == [
        "datasets",
        "experiments",
        "metrics",
        "runs",
        "tags",
    ]
    mapping["runs"]["params"] = {"lr": "rate"}
    mapping["runs"]["metrics"] = {"accuracy": "rate"}
    mapping["runs"]["custom"] = {"setup": {"column": "config", "as": "json"}}
    del mapping["metrics"], mapping["runs"]["artifacts"]
    edited = tmp_path / "mapping.json"
    edited.write_text(json.dumps(mapping))
    call_command("import_sqlite", sqlite_path, mapping=edited, stdout=out)
    run = TrainingRun.objects.get(run_id=RUN)
    assert (run.accuracy, (run_body(run).body or {})["params"]) == (0.1, {"lr": 0.1})
    assert (run_body(run).body or {})["custom"] == {"setup": {"layers": [64, 32], "drop": {"rate": 0.5}}}


def test_what_is_in_the_wal_of_a_database_in_use_comes_too(
    database: sqlite3.Connection, sqlite_path: Path
) -> None:
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("UPDATE runs SET name = 'from the wal' WHERE name = 'first'")
    assert sqlite_path.with_name("runs.db-wal").stat().st_size > 0
    imported(SqliteSource(sqlite_path))
    assert TrainingRun.objects.filter(name="from the wal").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (lambda _: b"", "is empty"),
        (lambda whole: whole[: len(whole) // 2], "is cut off"),
        (lambda whole: whole[:50], "is cut off"),
        (lambda whole: bytes(byte ^ 0x5A for byte in whole), "no SQLite database, or it is encrypted"),
        (lambda whole: whole[:4096] + bytes(4096) + whole[8192:], "SQLite finds it broken|malformed"),
    ],
)
def test_a_damaged_database_stores_nothing_and_says_what_to_do(
    sqlite_path: Path, content: Any, said: str
) -> None:
    sqlite_path.write_bytes(content(sqlite_path.read_bytes()))
    out = StringIO()
    with pytest.raises(CommandError, match="The source can't be imported; nothing was stored."):
        call_command("import_sqlite", sqlite_path, stdout=out)
    assert any(words in out.getvalue() for words in said.split("|"))
    assert not Import.objects.exists()


def test_cells_that_can_not_be_read_refuse_their_run_alone(
    database: sqlite3.Connection, sqlite_path: Path
) -> None:
    database.execute("UPDATE runs SET name = CAST(x'ff00fe' AS TEXT) WHERE id = '42'")
    database.execute("INSERT INTO runs (id, rate) VALUES ('b1', x'0102')")
    database.execute("INSERT INTO runs (id, state) VALUES ('b2', 'moon')")
    database.execute("INSERT INTO runs (id, start_time) VALUES ('b3', 'noon')")
    database.execute("INSERT INTO runs (id) VALUES ('b4')")
    database.execute("INSERT INTO metrics VALUES ('b4', 'loss', 'high', 0, 0)")
    database.execute("INSERT INTO runs (id, experiment_id) VALUES ('b5', 99)")
    mapping = {"runs": {"table": "runs", "id": "id", "experiment": "experiment_id", "name": "name",
                        "status": "state", "started_at": "start_time", "params": {"rate": "rate"}},
               "experiments": {"table": "experiments", "id": "id", "name": "name"},
               "metrics": [{"table": "metrics", "run": "run_id", "key": "key", "value": "value"}]}  # fmt: skip
    report = imported(SqliteSource(sqlite_path, mapping))
    told = [(problem.place, problem.cause) for problem in report.problems if problem.kind == "run"]
    assert told == [
        ("table runs, id 42", "The text b'\\xff\\x00\\xfe' is no UTF-8. Mend it in the source."),
        ("table runs, id b1", "Column rate: It is a BLOB. Map it under 'artifacts', or leave it out."),
        ("table runs, id b2", "'moon' is no status that is known, such as finished, failed or running."),
        ("table runs, id b3", "'noon' is no time in the form 'auto'."),
        ("table runs, id b4", "Table metrics, row 8: 'high' is no number."),
        ("table runs, id b5", "Its experiment '99' is not in the source."),
    ]
    assert [run.run_id for run in TrainingRun.objects.all()] == [RUN]


def test_tables_without_keys_and_wide_histories_are_read(tmp_path: Path) -> None:
    path = tmp_path / "wide.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(
            "CREATE TABLE trials (title TEXT, project TEXT);"
            "INSERT INTO trials VALUES ('a', 'p'), ('b', NULL);"
            "CREATE TABLE history (trial_id INTEGER, epoch INTEGER, loss REAL, acc REAL,"
            " PRIMARY KEY (trial_id, epoch)) WITHOUT ROWID;"
            "INSERT INTO history VALUES (1, 0, 0.5, NULL), (1, 1, 0.25, 0.75), (2, 0, 2, 0.5);"
        )
    report = imported(SqliteSource(path))
    assert causes(report) == []
    told = {
        run.name: (run.experiment.name, sorted(run.metrics.values_list("key", "latest_value")))
        for run in TrainingRun.objects.select_related("experiment")
    }
    assert told == {
        "a": ("p", [("acc", 0.75), ("loss", 0.25)]), "b": ("wide", [("acc", 0.5), ("loss", 2.0)]),
    }  # fmt: skip


def test_what_was_imported_is_what_the_api_answers(sqlite_path: Path) -> None:
    imported(SqliteSource(sqlite_path))
    token, _ = issue_token(user=UserFactory(), name="t", scopes=["read"])
    asked = Client(headers={"Authorization": f"Bearer {token}"})
    answer = asked.get("/api/2.0/mlflow/runs/get", {"run_id": RUN}).json()["run"]
    assert (answer["info"]["run_name"], answer["info"]["status"]) == ("first", "FINISHED")
    assert (answer["info"]["start_time"], answer["info"]["end_time"]) == (1767261600000, 1767265200000)
    params = {each["key"]: each["value"] for each in answer["data"]["params"]}
    assert params == {
        "augmented": "true", "config.drop.rate": "0.5", "config.layers": "[64,32]", "depth": "3", "rate": "0.1",
    }  # fmt: skip
    found = asked.get("/api/2.0/mlflow/metrics/get-history", {"run_id": RUN, "metric_key": "loss"}).json()
    told = [(each["step"], each["timestamp"], repr(float(each["value"]))) for each in found["metrics"]]
    assert told == [(0, 1767261600000, "1.0"), (1, 1767261600001, "inf"), (2, 1767261600002, "nan")]
