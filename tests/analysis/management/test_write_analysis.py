import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from analysis.benchmarks.stores.recorded import as_json
from tests.analysis.choosing.figures import REDIS_FIRST, REDIS_LAST, benchmark


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    path = tmp_path / "stores.json"
    path.write_bytes(as_json(benchmark(**REDIS_FIRST)))
    return path


def write(recorded: Path, *words: str) -> str:
    out = io.StringIO()
    target = str(recorded.parent / "ANALYSIS.md")
    call_command("write_analysis", "--benchmark", str(recorded), "--out", target, *words, stdout=out)
    return out.getvalue()


def test_the_document_and_its_picture_are_written_and_hold(recorded: Path) -> None:
    (recorded.parent / "stores_driver.png").write_bytes(b"")
    assert write(recorded) == "Wrote ANALYSIS.md and docs/images/architecture.svg.\n"
    assert "](docs/benchmarks/stores_driver.png)" in (recorded.parent / "ANALYSIS.md").read_text()
    assert write(recorded, "--check") == "Up to date.\n"


def test_check_finds_other_figures_and_a_missing_document(recorded: Path) -> None:
    with pytest.raises(CommandError, match="ANALYSIS.md, architecture.svg"):
        write(recorded, "--check")
    write(recorded)
    recorded.write_bytes(as_json(benchmark(**REDIS_LAST)))
    with pytest.raises(CommandError, match="Not what the recorded benchmark gives: ANALYSIS.md. Run"):
        write(recorded, "--check")


def test_without_a_benchmark_the_command_that_records_one_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="make bench-stores"):
        write(tmp_path / "stores.json")
