import csv
import datetime as dt
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.exceptions import BadInputError
from registry.imports.conversions import float_in, milliseconds, status_in, time_in
from registry.imports.csv_runs.mapping import CsvMapping, is_meaning, meaning_of, meanings, read_mapping
from registry.imports.csv_runs.reading import CsvFile, Row

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=4).filter(any), min_size=1, max_size=6))
def test_whatever_a_writer_of_csv_quotes_is_read_as_it_was(
    tmp_path_factory: Any, rows: list[list[str]]
) -> None:
    path = tmp_path_factory.mktemp("csv") / "any.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    read = [
        row.cells for row in CsvFile(path, delimiter=",", encoding="utf-8").rows() if isinstance(row, Row)
    ]
    assert read == rows


@given(st.binary(max_size=200))
def test_any_bytes_are_rows_or_problems_and_never_an_error(tmp_path_factory: Any, data: bytes) -> None:
    path = tmp_path_factory.mktemp("csv") / "any.csv"
    path.write_bytes(data)
    file = CsvFile(path)
    if file.check() is None:
        assert all(row is not None for row in file.rows())


@given(TEXTS)
def test_a_meaning_is_one_that_a_column_may_have_or_none(header: str) -> None:
    meaning = meaning_of(header)
    assert not meaning or is_meaning(meaning)


@given(st.lists(st.sampled_from(["name", "Run ID", "param.lr", "params.lr", "metric.a", "tag.x", "other"])))
def test_no_two_columns_ever_mean_the_same(headers: list[str]) -> None:
    said = [meaning_of(header) for header in headers if meaning_of(header)]
    if len(set(said)) == len(said):
        assert [meaning for meaning in meanings(headers, CsvMapping()) if meaning] == said
    else:
        with pytest.raises(BadInputError, match="both mean"):
            meanings(headers, CsvMapping())


@given(st.datetimes(min_value=dt.datetime(1990, 1, 1), max_value=dt.datetime(2100, 1, 1)))  # noqa: DTZ001
def test_a_time_is_the_same_however_it_is_written(naive: dt.datetime) -> None:
    at = naive.replace(tzinfo=dt.UTC, microsecond=naive.microsecond // 1_000 * 1_000)
    assert time_in(at.isoformat()) == at
    assert time_in(at.replace(tzinfo=None).isoformat(" ")) == at
    assert time_in(str(milliseconds(at)), "unix_milliseconds") == at
    assert abs(time_in(at.timestamp(), "unix_seconds") - at) < dt.timedelta(milliseconds=1)


def test_unix_times_are_told_apart_by_their_size() -> None:
    at = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
    assert (time_in("1767603600"), time_in(1767603600000)) == (at, at)


@pytest.mark.parametrize("text", ["", "noon", "2026-13-01", "nan", "-1", "1e300", "99999999999999999"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(BadInputError, match="no time"):
        time_in(text)


def test_words_for_statuses_and_numbers_are_understood() -> None:
    assert [status_in(word) for word in ("Done", " FAILED", "in_progress")] == [
        "FINISHED",
        "FAILED",
        "RUNNING",
    ]
    assert math.isnan(float_in("NaN"))
    with pytest.raises(BadInputError, match="no status"):
        status_in("moon")
    with pytest.raises(BadInputError, match="in the form 'unix_seconds'"):
        time_in("2026-01-01", "unix_seconds")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{", "is no JSON"),
        ("[]", "must hold a JSON object"),
        ({"column": {}}, "'column' is no key of a mapping"),
        ({"columns": []}, "'columns' must be an object of texts"),
        ({"columns": {"a": "moon"}}, "'a' can't mean 'moon'"),
        ({"columns": {"a": "param. "}}, "'a' can't mean 'param. '"),
        ({"defaults": {"moon": "x"}}, "no default for 'moon'"),
        ({"times": 1}, "'times' must be a text"),
    ],
)
def test_a_mapping_file_that_says_nothing_sensible_is_refused(
    tmp_path: Path, written: Any, said: str
) -> None:
    path = tmp_path / "mapping.json"
    path.write_text(written if isinstance(written, str) else json.dumps(written))
    with pytest.raises(BadInputError) as refusal:
        read_mapping(path)
    assert said in str(refusal.value)


def test_a_mapping_that_is_not_there_or_names_a_column_that_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="can't be read"):
        read_mapping(tmp_path / "none.json")
    with pytest.raises(BadInputError, match="which the file has not"):
        meanings(["a"], CsvMapping({"b": "name"}))
    with pytest.raises(BadInputError, match="There is no file"):
        CsvFile(tmp_path / "none.csv")
