import codecs
import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from registry.imports.csv_runs.mapping import CsvMapping
from registry.imports.csv_runs.reading import CsvFile
from registry.imports.csv_runs.source import CsvSource
from registry.models import Import, TrainingRun
from registry.services.datasets import create_dataset
from registry.sync.run_bodies import run_body
from tests.factories import UserFactory
from tests.registry.imports.listed import causes, imported

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo", "redis_keys")]
RUN = "a" * 32
HEADER = "run_id,name,experiment,dataset,status,start_time,end_time,params.lr,metric.accuracy,tag.team"
DECIMAL = "Write a decimal point, and nothing between thousands."
WHOLE = f"{RUN},first,e,wine,SUCCESS,2026-01-05T09:00:00+01:00,2026-01-05 08:30,0.10,0.9,blue"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs.csv"


def source(path: Path, *lines: str, mapping: CsvMapping | None = None, **how: Any) -> CsvSource:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return CsvSource(CsvFile(path, **how), mapping)


def test_a_row_becomes_a_run_with_its_params_as_they_were_written(path: Path) -> None:
    create_dataset(name="wine", digest="ab")
    report = imported(source(path, HEADER, WHOLE))
    assert causes(report) == []
    row = TrainingRun.objects.select_related("experiment", "dataset").get(run_id=RUN)
    assert (row.name, row.experiment.name, row.dataset and row.dataset.digest) == ("first", "e", "ab")
    assert (row.status, row.duration_seconds, row.accuracy) == ("FINISHED", 1_800, 0.9)
    assert dict(row.params.values_list("key", "value")) == {"lr": "0.10"}
    assert (run_body(row).body or {})["params"] == {"lr": 0.1}
    assert dict(row.tags.values_list("key", "value")) == {"team": "blue"}


def test_rows_that_can_not_be_read_are_refused_with_line_and_column_and_the_rest_comes(path: Path) -> None:
    lines = [
        HEADER,
        f"{'1' * 32},two,e,,moon,,,,,",
        f"{'2' * 32},three,e,,,yesterday,,,,",
        f'{"3" * 32},four,e,,,,,,"0,9",',
        f"{'4' * 32},five,e,,,,,,,,,",
        f"{'5' * 32},si\x00x,e,,,,,,,",
        f'{"6" * 32},"se"ven,e,,,,,,,',
        "",
        f'{"7" * 32},"two\nlines",e,,,,,,,',
        WHOLE,
        WHOLE,
    ]
    report = imported(source(path, *lines))
    assert [(problem.place, problem.cause) for problem in report.problems] == [
        ("line 2", "Column status: 'moon' is no status that is known, such as finished, failed or running."),
        ("line 3", "Column started_at: 'yesterday' is no time in the form 'auto'."),
        ("line 4", f"Column metric.accuracy: '0,9' is no number. {DECIMAL}"),
        ("line 5", "It has 12 cells, the header 10."),
        ("line 6, column name", "The column name holds a NUL character, which can't be stored. Remove it."),
        ("line 7", "The quotes are wrong: ',' expected after '\"'."),
        ("line 12", f"The id '{RUN}' is there twice; the first one counts."),
    ]  # fmt: skip
    assert set(TrainingRun.objects.values_list("name", flat=True)) == {"two\nlines", "first"}


def test_rows_without_ids_come_once_however_often_the_file_is_imported(path: Path) -> None:
    rows = ["name,metric.loss", "a,0.5", "a,0.5", "b,nan"]
    assert imported(source(path, *rows)).imported == {"experiment": 1, "run": 3}
    again = imported(source(path, *rows, "c,inf"))
    assert again.imported == {"experiment": 0, "run": 1}
    assert sorted(TrainingRun.objects.values_list("name", flat=True)) == ["a", "a", "b", "c"]


@pytest.mark.parametrize(
    ("content", "place", "said"),
    [
        (b"", "the file", "The file is empty."),
        ("name\nJosé\n".encode("cp1252"), "line 2", "The byte 0xE9 is no UTF-8."),
        (codecs.BOM_UTF16_LE + "name\na\n".encode("utf-16-le"), "the file", "It is written in UTF-16."),
        ("name\na\n".encode("utf-16-le"), "the file", "Every other byte is NUL, as in UTF-16."),
        (b"name\nJos\xc3", "the file", "The file ends in the middle of a character: it is cut off."),
        (b'name\na\n"never closed\nb\nc\n', "line 3", "A quote opens here and is not closed again"),
        (b"name,colour\na,red\n", "line 1", "Nobody knows what the column 'colour' means."),
        (b"name,run_name\na,b\n", "line 1", "The columns 'name' and 'run_name' both mean name."),
    ],
)
def test_a_file_that_can_not_be_read_stores_nothing_and_says_what_to_do(
    path: Path, content: bytes, place: str, said: str
) -> None:
    path.write_bytes(content)
    report = imported(CsvSource(CsvFile(path)))
    (problem,) = report.problems
    assert (problem.kind, problem.place) == ("source", place)
    assert said in problem.cause
    assert problem.cure
    assert not Import.objects.exists()


def test_a_byte_order_mark_another_encoding_and_another_delimiter_are_read(path: Path) -> None:
    path.write_bytes(codecs.BOM_UTF8 + b"name;metric.loss\na;0.5\n")
    assert imported(CsvSource(CsvFile(path))).imported["run"] == 1
    path.write_bytes("name|tag.who\nb|José\n".encode("cp1252"))
    assert imported(CsvSource(CsvFile(path, encoding="cp1252"))).imported["run"] == 1
    assert TrainingRun.objects.get(name="b").tags.get(key="who").value == "José"


def test_the_command_follows_a_mapping_writes_its_report_and_is_taken_back(
    path: Path, tmp_path: Path
) -> None:
    UserFactory(username="ada")
    path.write_text("Lernrate,acc,Anfang,=note\n0.1,0.9,05.01.2026 09:00,x\n0.2,high,05.01.2026 10:00,y\n")
    out, report = StringIO(), tmp_path / "report.csv"
    call_command("import_runs_csv", path, discover=True, stdout=out)
    assert json.loads(out.getvalue())["columns"]["Lernrate"] == "param.Lernrate"
    columns = {"Lernrate": "param.lr", "acc": "metric.accuracy", "Anfang": "started_at", "=note": "ignore"}
    mapping = {"columns": columns, "defaults": {"experiment": "old"}, "times": "%d.%m.%Y %H:%M"}
    (tmp_path / "mapping.json").write_text(json.dumps(mapping))
    out = StringIO()
    with pytest.raises(CommandError, match="There are problems; the rest is imported."):
        call_command(
            "import_runs_csv", path, mapping=tmp_path / "mapping.json", user="ada", report=report, stdout=out
        )
    run = TrainingRun.objects.select_related("created_by", "experiment").get()
    assert (run.created_by and run.created_by.username, run.experiment.name) == ("ada", "old")
    with report.open(newline="") as file:
        told = list(csv.DictReader(file))
    assert [(row["place"], row["kind"]) for row in told] == [("line 3", "run")]
    number = Import.objects.get().pk
    assert f"Import {number}: 1 experiment, 1 run imported" in out.getvalue()
    out = StringIO()
    call_command("imports", "list", stdout=out)
    call_command("imports", "show", number, stdout=out)
    with pytest.raises(CommandError, match="Say --yes"):
        call_command("imports", "undo", number, stdout=out)
    call_command("imports", "undo", number, "--yes", stdout=out)
    assert f"Import {number} is gone from every store." in out.getvalue()
    with pytest.raises(CommandError, match="no import 0"):
        call_command("imports", "show", 0)
    with pytest.raises(CommandError, match="no import 0"):
        call_command("imports", "undo", 0, "--yes")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"encoding": "moon"}, "There is no encoding 'moon'"),
        ({"delimiter": "ab"}, "The delimiter is one character"),
        ({"user": "nobody"}, "There is no user named 'nobody'"),
        ({"strict": True}, "--strict was said; nothing was stored"),
        ({"dry_run": True}, "without --dry-run the rest would be imported"),
    ],
)
def test_what_the_command_can_not_do_it_says(path: Path, options: dict[str, Any], said: str) -> None:
    path.write_text("name,metric.loss\na,0.5\nb,low\n")
    with pytest.raises(CommandError) as refusal:
        call_command("import_runs_csv", path, stdout=StringIO(), **options)
    assert said in str(refusal.value)
    assert not TrainingRun.objects.exists()
