import io
import json
import math

import pytest
from django.core.management import CommandError, call_command
from rich.cells import cell_len

from tests.factories import DatasetFactory, RunFactory

pytestmark = pytest.mark.django_db
COMMANDS = ["top_runs", "framework_comparison", "dataset_stats"]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def said(name: str, *arguments: str, out: io.StringIO | None = None) -> str:
    out = io.StringIO() if out is None else out
    call_command(name, *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("command", COMMANDS)
def test_without_data_it_says_what_to_do(command: str) -> None:
    assert "manage.py seed_demo" in said(command)
    assert json.loads(said(command, "--json")) == []


def test_rows_come_as_a_table_and_as_json() -> None:
    run = RunFactory(name="ünï", accuracy=0.875, loss=math.nan)
    assert "0.8750" in said("top_runs")
    assert run.run_id in said("top_runs")
    (row,) = json.loads(said("top_runs", "--json", "--limit", "5"))
    assert (row["name"], row["accuracy"], row["loss"]) == ("ünï", 0.875, None)
    assert json.loads(said("framework_comparison", "--json"))[0]["best_accuracy"] == 0.875
    assert "scikit-learn" in said("framework_comparison")
    assert json.loads(said("dataset_stats", "--json"))[0]["runs"] == 1
    assert run.dataset.name in said("dataset_stats", "--dataset", run.dataset.name)


def test_in_a_pipe_a_row_is_one_line_in_aligned_columns() -> None:
    RunFactory(name="x" * 255, model_name="forest", loss=1e-7)
    RunFactory(name="短い", model_name="forest", loss=None)
    title, blank, *lines = said("top_runs").splitlines()
    assert (title, blank, len(lines)) == ("Top runs by accuracy", "", 3)
    assert lines[0].startswith("run id")
    assert len({cell_len(line[: line.index("forest")]) for line in lines[1:]}) == 1
    assert "1e-07" in said("top_runs")
    assert "─" not in "".join(lines)


def test_on_a_terminal_there_is_a_drawn_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    RunFactory(name="forest-1")
    table = said("top_runs", out=Terminal())
    assert "─" in table
    assert "\x1b[1m" in table


def test_on_a_narrow_terminal_there_is_a_paragraph_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    runs = [RunFactory(name=name) for name in ("a", "b")]
    title, blank, *lines = said("top_runs", out=Terminal()).splitlines()
    assert (title, blank, len(lines)) == ("Top runs by accuracy", "", 21)
    assert lines[:2] == [f"run id             {runs[1].run_id}", "name               b"]


@pytest.mark.parametrize("columns", ["80", "200"])
@pytest.mark.parametrize("name", ["[/red]", "[red]x[/red]", ":smile:"])
def test_a_name_is_shown_as_it_is(name: str, columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    RunFactory(name=name)
    assert name in said("top_runs")
    assert name in said("top_runs", out=Terminal())


@pytest.mark.parametrize("out", [io.StringIO, Terminal])
def test_a_name_cannot_steer_the_terminal(out: type[io.StringIO], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    RunFactory(name="a\x1b]0;title\x07\n\u202eb")
    printed = said("top_runs", out=out())
    assert "a\ufffd]0;title\ufffd\ufffd\ufffdb" in printed
    assert "\x1b]0" not in printed


def test_large_and_unknown_numbers_stay_short() -> None:
    RunFactory(loss=1.5e300, duration_seconds=0)
    RunFactory(loss=math.inf, accuracy=0.5)
    lines = said("top_runs").splitlines()[3:]
    assert [line.split()[-3:] for line in lines] == [["1.5e+300", "0.0000", "-"], ["inf", "3,600", "0.5000"]]
    assert [row["loss"] for row in json.loads(said("top_runs", "--json"))] == [1.5e300, None]


def test_filters_narrow_and_a_limit_cuts() -> None:
    run = RunFactory(framework="keras")
    for _ in range(2):
        RunFactory()
    assert len(json.loads(said("top_runs", "--limit", "2", "--json"))) == 2
    assert len(json.loads(said("top_runs", "--framework", "keras", "--json"))) == 1
    (row,) = json.loads(said("framework_comparison", "--dataset", run.dataset.name, "--json"))
    assert row["framework"] == "keras"
    assert len(json.loads(said("framework_comparison", "--limit", "1", "--json"))) == 1
    assert len(json.loads(said("dataset_stats", "--limit", "1", "--json"))) == 1


def test_filters_that_nothing_fits_are_told_apart_from_no_data() -> None:
    run = RunFactory(accuracy=None, framework="")
    assert "Leave one out" in said("top_runs", "--dataset", run.dataset.name)
    assert "Leave one out" in said("framework_comparison", "--experiment", run.experiment.name)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["top_runs", "--dataset", "x"], "no dataset named 'x'. There are: digits."),
        (["top_runs", "--experiment", "x"], "no experiment named 'x'. There are: vision."),
        (["top_runs", "--framework", "x"], "no framework named 'x'. There are: keras."),
        (["dataset_stats", "--dataset", "x"], "no dataset named 'x'. There are: digits."),
        (["framework_comparison", "--dataset", "x"], "no dataset named 'x'. There are: digits."),
    ],
)
def test_a_name_that_is_not_there_is_told_with_those_that_are(arguments: list[str], message: str) -> None:
    RunFactory(dataset__name="digits", experiment__name="vision", framework="keras")
    with pytest.raises(CommandError, match=message):
        said(*arguments)


def test_of_many_names_the_first_are_told() -> None:
    with pytest.raises(CommandError, match="There are: none"):
        said("top_runs", "--dataset", "x")
    for number in range(21):
        DatasetFactory(name=f"set-{number:02}")
    with pytest.raises(CommandError, match="set-18, set-19, …"):
        said("top_runs", "--dataset", "x")


@pytest.mark.parametrize("limit", ["0", "-1", "1.5", "many", "100001", "9" * 30])
def test_a_limit_is_a_number_from_1(limit: str) -> None:
    with pytest.raises(CommandError, match="no number from 1 to 100,000"):
        said("top_runs", f"--limit={limit}")
