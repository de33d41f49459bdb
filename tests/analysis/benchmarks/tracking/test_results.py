"""From turns to ratios and targets, with turns made by hand."""

import json
from pathlib import Path

import pytest

from analysis.benchmarks.tracking.cases import CREATE, RAW, cases, search_name
from analysis.benchmarks.tracking.driving import Turn
from analysis.benchmarks.tracking.report import Report, failures, markdown, write
from analysis.benchmarks.tracking.results import CaseResult, case_result, figures, times_better, verdicts
from analysis.benchmarks.tracking.servers import BEST, DEFAULT, OURS
from analysis.benchmarks.tracking.statements import Asked
from analysis.benchmarks.tracking.targets import P50, RATE, TARGETS, Target

CREATE_CASE = next(case for case in cases(is_quick=True) if case.name == CREATE)


def turn(*milliseconds: float, clients: int = 1, units: int = 1) -> Turn:
    seconds = [each / 1_000 for each in milliseconds]
    return Turn(seconds, sum(seconds) / clients, 0.001, 0.01, Asked(3 * len(seconds), 0.5), units)


def result(**times: float) -> CaseResult:
    names = {"ours": OURS, "best": BEST, "default": DEFAULT}
    return case_result(CREATE_CASE, {names[name]: [turn(each, each)] for name, each in times.items()})


def test_figures_take_the_median_rate_and_the_percentiles_of_all_requests() -> None:
    found = figures([turn(1, 3, units=1_000), turn(2, 2, units=1_000), turn(10, 10, units=1_000)])
    assert found.rates == pytest.approx([500_000, 500_000, 100_000])
    assert found.rate == pytest.approx(500_000)
    assert found.p50 == pytest.approx(2.5)
    assert (found.requests, found.statements) == (6, 3.0)
    assert found.server_cpu_ms == pytest.approx(5)


def test_the_rate_of_four_clients_counts_them_all() -> None:
    assert turn(10, 10, 10, 10, clients=4).rate == pytest.approx(400)


@pytest.mark.parametrize("figure", [RATE, P50])
def test_faster_is_better_in_rate_and_in_time(figure: str) -> None:
    assert times_better(result(ours=2, best=8), BEST, figure) == pytest.approx(4)
    assert times_better(result(ours=8, best=2), BEST, figure) == pytest.approx(1 / 4)


def test_a_server_that_was_not_driven_has_no_ratio() -> None:
    assert times_better(result(ours=2), BEST, RATE) is None


def test_a_target_is_reached_not_reached_or_not_measured() -> None:
    asked = [
        Target(CREATE, RAW, 1, BEST, RATE, 3),
        Target(CREATE, RAW, 1, DEFAULT, RATE, 30),
        Target(search_name(20_000), RAW, 1, BEST, P50, 6),
    ]
    found = verdicts([result(ours=1, best=3, default=29)], asked)
    assert [each.is_reached for each in found] == [True, False, None]


def test_every_target_names_a_case_that_is_measured() -> None:
    known = {(case.name, case.way, case.clients) for case in cases(is_quick=False)}
    assert {(each.case, each.way, each.clients) for each in TARGETS} <= known


def test_a_server_that_answers_wrongly_has_no_figures_and_is_named() -> None:
    found = case_result(CREATE_CASE, {OURS: [turn(1)], BEST: []})
    report = Report({}, [found], {}, {})
    assert failures(report) == [f"{CREATE_CASE.title}: {BEST}"]
    assert "## Wrong answers" in markdown(report)


def test_the_report_is_written_as_json_markdown_and_plot(tmp_path: Path) -> None:
    memory = {name: {"pss": size, "rss": size} for name, size in ((OURS, 100.0), (BEST, 600.0))}
    report = Report({"cpus": 2}, [result(ours=1, best=3, default=10)], memory, {OURS: [1.0, 3.0]})
    write(report, tmp_path)
    body = json.loads((tmp_path / "tracking.json").read_text())
    assert body["results"][0]["servers"][OURS]["p50"] == pytest.approx(1)
    assert body["targets"][0]["is_reached"] is True
    text = (tmp_path / "tracking.md").read_text()
    assert "| create run, raw, 1 client: rate | mlflow best | ≥ 3x | 3.0x | reached |" in text
    assert "| memory (PSS) | mlflow best | ≥ 5x | 6.0x | reached |" in text
    assert "| ours | 100 | 100 | 2.0 |" in text
    assert (tmp_path / "tracking.png").read_bytes().startswith(b"\x89PNG")
