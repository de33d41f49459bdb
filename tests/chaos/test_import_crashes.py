"""Death at every step of an import and of taking it back: whole runs only, and the same command goes on."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from .zygote import Zygote

pytestmark = [pytest.mark.chaos, pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(400)]
RUNS = 45  # three transactions, after one for the experiment
WHOLE = {"runs": RUNS, "whole": RUNS, "items": RUNS, "points": 3 * RUNS, "files": RUNS, "experiments": 1,
         "documents": RUNS, "drift": []}  # fmt: skip
NOTHING: dict[str, object] = dict.fromkeys(WHOLE, 0) | {"drift": []}


@pytest.fixture
def path(tmp_path: Path) -> str:
    found = tmp_path / "runs.db"
    with closing(sqlite3.connect(found)) as database, database:
        database.executescript(
            "CREATE TABLE runs (id TEXT PRIMARY KEY, name TEXT, lr REAL, notes BLOB);"
            "CREATE TABLE metrics (run_id TEXT, key TEXT, value REAL, step INTEGER);"
        )
        ids = [f"{number:032x}" for number in range(RUNS)]
        database.executemany(
            "INSERT INTO runs VALUES (?, ?, 0.1, ?)", [(each, each, each.encode()) for each in ids]
        )
        points = [(each, "loss", 1 / (step + 1), step) for each in ids for step in range(3)]
        database.executemany("INSERT INTO metrics VALUES (?, ?, ?, ?)", points)
    return str(found)


@pytest.mark.parametrize(
    ("crash_at", "left"),
    [
        ("import.before_commit:2", 0), ("artifact.after_keep:10", 0), ("import.after_commit:2", 20),
        ("import.before_commit:4", 40), ("deliver.after_mongodb:1", RUNS),
    ],
)  # fmt: skip
def test_an_import_that_dies_leaves_whole_runs_and_goes_on_from_there(
    zygote: Zygote, path: str, crash_at: str, left: int
) -> None:
    lived, _ = zygote.do("import_bring", path=path, crash_at=crash_at)
    assert not lived
    _, found = zygote.do("import_told")
    assert (found["runs"], found["whole"], found["items"], found["drift"]) == (left, left, left, [])
    _, report = zygote.do("import_bring", path=path)
    assert (report["problems"], report["imported"]["run"]) == ([], RUNS - left)
    _, found = zygote.do("import_told")
    assert found == WHOLE | {"states": found["states"]}
    _, found = zygote.do("import_take_back")
    assert found == NOTHING | {"states": found["states"]}


@pytest.mark.parametrize("crash_at", ["saga.after_step:1", "saga.after_step:3"])
def test_taking_back_that_dies_goes_on_until_nothing_is_left(
    zygote: Zygote, path: str, crash_at: str
) -> None:
    zygote.do("import_bring", path=path)
    lived, _ = zygote.do("import_take_back", crash_at=crash_at)
    assert not lived
    _, found = zygote.do("import_take_back")
    assert found == NOTHING | {"states": found["states"]}
    assert set(found["states"]) == {"undone"}
