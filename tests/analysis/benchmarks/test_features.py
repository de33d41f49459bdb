from pathlib import Path

import orjson

from analysis.benchmarks.features.report import Report, markdown, write
from analysis.benchmarks.features.results import (
    BARE,
    FEAST,
    HTTP,
    OURS,
    READ,
    Row,
    targets,
    timing,
)
from analysis.benchmarks.features.workload import CASES, Case, columns


def row(part: str, case: str, contender: str, milliseconds: float) -> Row:
    return Row(part, case, contender, timing([[milliseconds / 1_000] * 4] * 3))


ROWS = [
    row(READ, "1 x 10", OURS, 0.2), row(READ, "1 x 10", BARE, 0.1),
    row(READ, "100 x 50", OURS, 1.0), row(READ, "100 x 50", FEAST, 8.0),
    row(HTTP, "10 x 50, 4 clients", OURS, 12.0),
]  # fmt: skip
REPORT = Report({"cpus": 2}, ROWS, {"packed": {"10 features": 176.0}, "other": {}})


def test_rates_are_the_median_of_the_rounds_and_times_of_all_calls() -> None:
    found = timing([[0.001, 0.003], [0.002, 0.002], [0.1, 0.1]])
    assert (found.rate, found.calls, round(found.p50, 6)) == (500.0, 6, 2.5)
    assert timing([[0.5, 0.5]], walls=[0.5]).rate == 4.0


def test_targets_tell_what_was_found_and_what_was_not_measured() -> None:
    told = [(None if each.found is None else round(each.found, 6), each.is_reached) for each in targets(ROWS)]
    assert told == [(2.0, False), (8.0, True), (12.0, False), (None, None), (None, None)]


def test_the_report_has_targets_every_part_and_memory() -> None:
    text = markdown(REPORT)
    assert "| read 1 x 10: p50 of ours to a bare pipeline | ≤ 1.3 x | 2.00 | **not reached** |" in text
    assert "| 100 x 50 | Feast's SDK | 8.000 | 8.000 | 8.000 | 125 | 8.00 x as fast |" in text
    assert "| packed | 176 |" in text
    assert "Predictions" not in markdown(Report({}, ROWS[:1], {}))


def test_the_report_is_written_three_times(tmp_path: Path) -> None:
    write(REPORT, tmp_path / "made")
    body = orjson.loads((tmp_path / "made/features.json").read_bytes())
    assert (len(body["rows"]), body["targets"][1]["is_reached"]) == (5, True)
    assert (tmp_path / "made/features.png").read_bytes()[1:4] == b"PNG"
    assert (tmp_path / "made/features.md").read_text() == markdown(REPORT)


def test_everyone_reads_the_same_values() -> None:
    assert len(CASES) == 8
    found = columns(Case(10, 50))
    assert (len(found), len(found["feature_0"])) == (50, 10)
    assert found == columns(Case(10, 50))
