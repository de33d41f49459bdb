import csv
import datetime as dt
import json
import math
from collections.abc import Iterator
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.db import OperationalError
from pyarrow import parquet

from analysis.exports.tables import CHARACTERS_IN_A_PIECE, ROWS_IN_A_PIECE, Column, Table, table_response
from registry.exceptions import BadInputError

NOON_IN_BERLIN = dt.datetime(2026, 11, 21, 12, tzinfo=dt.timezone(dt.timedelta(hours=1)))
COLUMNS = [Column("run"), Column("auc", "number"), Column("started_at", "time")]
ROWS = [["forest", 0.1 + 0.2, NOON_IN_BERLIN], ['bäum, "3"', None, None], [None, math.nan, None]]


def file_of(kind: str, columns: list[Column] = COLUMNS, rows: Any = ROWS) -> bytes:
    return b"".join(table_response(Table(columns, rows), format=kind, filename="runs"))


def csv_cells(*values: object, kind: Any = "text") -> list[str]:
    content = file_of("csv", [Column("it", kind)], [[value] for value in values]).decode()
    return [cell for (cell,) in list(csv.reader(StringIO(content)))[1:]]


def test_csv_has_a_line_of_names_and_every_digit() -> None:
    assert file_of("csv").decode().split("\r\n") == [
        "run,auc,started_at",
        "forest,0.30000000000000004,2026-11-21T11:00:00+00:00",
        '"bäum, ""3""",,',
        ",NaN,",
        "",
    ]


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"]
)
def test_csv_marks_what_a_spreadsheet_would_run_as_text(start: str) -> None:
    assert csv_cells(f"{start}cmd|' /C calc'!A0") == [f"'{start}cmd|' /C calc'!A0"]


def test_what_fails_at_the_first_rows_fails_before_there_is_an_answer() -> None:
    def failing() -> Iterator[list[Any]]:
        raise OperationalError
        yield []

    with pytest.raises(OperationalError):
        table_response(Table([Column("it")], failing()), format="csv", filename="runs")


def test_a_piece_ends_where_its_texts_are_long() -> None:
    rows = [["x" * CHARACTERS_IN_A_PIECE], ["y"]]
    pieces = list(table_response(Table([Column("it")], iter(rows)), format="csv", filename="runs"))
    assert pieces[2] == b"y\r\n"


def test_csv_marks_names_of_columns_too() -> None:
    assert file_of("csv", [Column("=1+1")], []) == b"'=1+1\r\n"


def test_csv_leaves_numbers_as_they_are() -> None:
    assert csv_cells("-0.5", "+1e-3", "-1+1") == ["-0.5", "+1e-3", "'-1+1"]
    assert csv_cells(-0.5, math.inf, -math.inf, 2**60, kind="number") == [
        "-0.5", "Infinity", "-Infinity", "1152921504606846976",
    ]  # fmt: skip


def test_text_columns_take_any_value() -> None:
    assert csv_cells(True, 3, 0.5, math.nan, NOON_IN_BERLIN.date()) == [
        "true", "3", "0.5", "NaN", "2026-11-21",
    ]  # fmt: skip


def test_json_is_a_list_of_objects() -> None:
    assert json.loads(file_of("json")) == [
        {"run": "forest", "auc": 0.1 + 0.2, "started_at": "2026-11-21T11:00:00+00:00"},
        {"run": 'bäum, "3"', "auc": None, "started_at": None},
        {"run": None, "auc": "NaN", "started_at": None},
    ]
    assert json.loads(file_of("json", rows=[])) == []


def test_parquet_has_typed_columns() -> None:
    table = parquet.read_table(BytesIO(file_of("parquet")))
    assert [str(each.type) for each in table.schema] == ["string", "double", "timestamp[us, tz=UTC]"]
    first, second, third = table.to_pylist()
    assert first == {"run": "forest", "auc": 0.1 + 0.2, "started_at": NOON_IN_BERLIN}
    assert second == {"run": 'bäum, "3"', "auc": None, "started_at": None}
    assert math.isnan(third["auc"])
    assert parquet.read_table(BytesIO(file_of("parquet", rows=[]))).num_rows == 0


@pytest.mark.parametrize("kind", ["csv", "json", "parquet"])
def test_rows_are_read_as_they_are_sent(kind: str) -> None:
    read = 0

    def rows() -> Iterator[list[Any]]:
        nonlocal read
        for number in range(3 * ROWS_IN_A_PIECE):
            read += 1
            yield [f"run {number}", number, None]

    pieces = iter(table_response(Table(COLUMNS, rows()), format=kind, filename="runs"))
    first = next(pieces) + next(pieces)
    assert read <= 2 * ROWS_IN_A_PIECE
    content = first + b"".join(pieces)
    read_back = {
        "csv": lambda: content.count(b"\r\n") - 1,
        "json": lambda: len(json.loads(content)),
        "parquet": lambda: parquet.read_table(BytesIO(content)).num_rows,
    }[kind]()
    assert read_back == read == 3 * ROWS_IN_A_PIECE


def test_columns_of_one_name_are_told_apart() -> None:
    content = file_of("json", [Column("loss"), Column("loss"), Column("loss (2)")], [[1, 2, 3]])
    assert json.loads(content) == [{"loss": "1", "loss (2)": "2", "loss (2) (2)": "3"}]


def test_a_file_has_its_name_and_type() -> None:
    response = table_response(Table(COLUMNS, []), format="parquet", filename="läufe")
    assert response["Content-Type"] == "application/vnd.apache.parquet"
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''l%C3%A4ufe.parquet"


def test_another_format_is_refused_before_a_row_is_read() -> None:
    rows = iter(ROWS)
    with pytest.raises(BadInputError, match="one of csv, json, parquet"):
        table_response(Table(COLUMNS, rows), format="xlsx", filename="runs")
    assert len(list(rows)) == len(ROWS)
