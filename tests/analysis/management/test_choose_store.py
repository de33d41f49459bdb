import io
import json
import sys

import pytest
from django.core.management import CommandError, call_command


def chosen(*words: str) -> str:
    out = io.StringIO()
    call_command("choose_store", *words, stdout=out)
    return out.getvalue()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    typed = Terminal()
    monkeypatch.setattr(sys, "stdin", typed)
    return typed


def test_options_lead_to_an_explained_answer() -> None:
    told = chosen("--shape", "rows", "--access", "joins", "key", "--loss", "never")
    assert told.startswith("Keep it in PostgreSQL.")
    assert "+4  joins are planned, whatever their order (together with other tables)" in told
    assert "it may not be the only copy" in told


def test_programs_read_json() -> None:
    told = json.loads(chosen("--shape", "graph", "--access", "traversal", "--operations", "none", "--json"))
    assert told["best"] == "postgresql"
    assert told["missed"] == "graph"
    assert told["answers"]["access"] == ["traversal"]
    assert {each["store"] for each in told["ruled_out"]} >= {"graph", "redis"}


def test_conflicts_and_stores_elsewhere_are_told() -> None:
    assert "! You ask for reads below a millisecond" in chosen("--access", "joins", "--latency", "below-1-ms")
    assert "Keep it in a column-family store.\nThe platform does not run one." in chosen(
        "--writes", "extreme"
    )
    told = chosen("--shape", "graph", "--operations", "none")
    assert "By points it would be a graph store, but nobody may run one. Instead: Edges as rows" in told
    assert "is close behind" in chosen("--retention", "forever")


def test_an_unknown_answer_lists_the_known_ones() -> None:
    with pytest.raises(CommandError, match="choose of rows, documents"):
        chosen("--shape", "cube")


def test_without_a_terminal_and_without_options_the_options_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(CommandError, match="--shape, --access"):
        chosen()


def test_on_a_terminal_each_question_is_asked(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    terminal.write("1\n1, joins\nnonsense\n99\n\n")
    terminal.seek(0)
    assert chosen().startswith("Keep it in PostgreSQL.")
    told = capsys.readouterr().err
    assert "What does one piece of it look like?" in told
    assert "consistency can't be “nonsense”" in told
    assert "consistency can't be “99”" in told
