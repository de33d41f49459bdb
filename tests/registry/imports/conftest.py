import json
import math
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

RUN = "a" * 32
SCHEMA = """
CREATE TABLE experiments (id INTEGER PRIMARY KEY, name TEXT, notes TEXT, created REAL);
CREATE TABLE datasets (id INTEGER PRIMARY KEY, name TEXT, hash TEXT);
CREATE TABLE runs (
    id TEXT PRIMARY KEY, experiment_id INTEGER REFERENCES experiments (id),
    data INTEGER REFERENCES datasets (id), name TEXT, state TEXT, start_time INTEGER, end_time INTEGER,
    rate REAL, depth INTEGER, augmented BOOLEAN, config TEXT, weights BLOB
);
CREATE TABLE metrics (run_id TEXT REFERENCES runs (id), key TEXT, value REAL, step INTEGER, ts INTEGER);
CREATE TABLE tags (run_id TEXT, name TEXT, value TEXT);
"""


@pytest.fixture(autouse=True)
def root(tmp_path: Path, settings: Any) -> Path:
    settings.ARTIFACT_ROOT = tmp_path / "artifacts"
    return tmp_path / "artifacts"


@pytest.fixture
def sqlite_path(tmp_path: Path) -> Path:
    found = tmp_path / "runs.db"
    with closing(sqlite3.connect(found)) as database, database:
        database.executescript(SCHEMA)
        database.execute("INSERT INTO experiments VALUES (1, 'old work', 'by hand', 1767225600.5)")
        database.execute("INSERT INTO datasets VALUES (7, 'wine', 'ab12')")
        config = json.dumps({"layers": [64, 32], "drop": {"rate": 0.5}})
        rows = [
            (RUN, 1, 7, "first", "success", 1767261600000, 1767265200000, 0.1, 3, 1, config, b"\0\1"),
            ("42", 1, None, "second", "error", 1767261600000, 1767265200000, 1.0, 2**40, 0, None, None),
        ]
        database.executemany("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        points = [(run, "loss", value, step, 1767261600000 + step) for run in (RUN, "42")
                  for step, value in ((0, 1.0), (1, math.inf), (2, None))]  # fmt: skip
        database.executemany(
            "INSERT INTO metrics VALUES (?, ?, ?, ?, ?)", [*points, ("gone", "loss", 1.0, 0, 0)]
        )
        database.execute("INSERT INTO tags VALUES (?, 'team', 'blue')", [RUN])
    return found


@pytest.fixture
def database(sqlite_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(sqlite_path, isolation_level=None)) as connection:
        yield connection
