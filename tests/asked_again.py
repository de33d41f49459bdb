"""A plugin of pytest: what failed is written to a file, and only what a file names is run (decision 23)."""

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--write-failed", type=Path, help="write the names of tests that failed to this file")
    parser.addoption("--only-of", type=Path, help="run only the tests that this file names")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    told, stats = terminalreporter.config.getoption("--write-failed"), terminalreporter.stats
    if told is not None:
        failed = {report.nodeid for report in (*stats.get("failed", ()), *stats.get("error", ()))}
        told.write_text("\n".join(sorted(failed)))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    named = config.getoption("--only-of")
    if named is not None:
        only = set(named.read_text().splitlines())
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in only])
        items[:] = [item for item in items if item.nodeid in only]
