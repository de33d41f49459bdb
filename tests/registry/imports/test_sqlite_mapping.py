import sqlite3
from pathlib import Path
from typing import Any

import pytest

from registry.exceptions import BadInputError
from registry.imports.sqlite.discovery import proposed_mapping, tables_of
from registry.imports.sqlite.mapping import checked_mapping
from registry.imports.sqlite.opening import opened


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"run": {}}, "'run' is no key of a mapping"),
        ({"runs": None}, "runs: must be an object that names its 'table'"),
        ({"runs": {"table": "moon"}}, "runs: there is no table 'moon'"),
        ({"runs": {"table": "runs", "name": "moon"}}, "the table 'runs' has no column 'moon'"),
        ({"runs": {"table": "runs", "colour": "name"}}, "'colour' is no field of a run"),
        ({"runs": {"table": "runs", "params": {"a": {"column": "rate", "as": "moon"}}}}, "no way to read"),
        ({"runs": {"table": "runs", "params": ["rate"]}}, "must be an object of names and columns"),
        ({"datasets": {"table": "datasets", "id": "id"}}, "the column of 'name' is missing"),
        ({"datasets": {"table": "datasets", "id": "id", "size": "id"}}, "'size' is none of"),
        ({"metrics": {}}, "'metrics' must be a list"),
        ({"metrics": [{"table": "metrics", "run": "run_id"}]}, "either 'key' and 'value' or 'values'"),
        ({"metrics": [{"table": "metrics", "moon": "run_id"}]}, "'moon' is none of"),
        ({"tags": [{"table": "tags", "run": "run_id", "values": {"a": "name"}}]}, "only metrics have 'values'"),
        ({"times": 3}, "'times' must be a text"),
    ],
)  # fmt: skip
def test_a_mapping_that_does_not_fit_is_refused_with_its_place(
    sqlite_path: Path, change: dict[str, Any], said: str
) -> None:
    with opened(sqlite_path) as connection:
        tables = tables_of(connection)
    mapping = proposed_mapping(tables, stem="runs") | change
    with pytest.raises(BadInputError) as refusal:
        checked_mapping(mapping, tables)
    assert said in str(refusal.value)


def test_a_database_can_not_make_us_touch_other_files(sqlite_path: Path) -> None:
    with opened(sqlite_path) as connection:
        for sql in (
            "ATTACH 'other.db' AS o",
            "SELECT load_extension('x')",
            "DELETE FROM runs",
            "PRAGMA journal_mode",
        ):
            with pytest.raises(sqlite3.DatabaseError):
                connection.execute(sql)
