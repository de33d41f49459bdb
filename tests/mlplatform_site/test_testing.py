"""The runner of the suite, asked from outside."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.private_stack import PROJECT

pytestmark = [pytest.mark.fault, pytest.mark.slow]
KEPT = ("PATH", "HOME", "LANG", "COVERAGE_PROCESS_CONFIG")
URLS = ("DATABASE_URL", "MONGODB_URL", "REDIS_CACHE_URL", "REDIS_STORE_URL")


def run(*words: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in (*KEPT, *URLS) if name in os.environ}
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=PROJECT, env=kept, capture_output=True, text=True, check=False
    )


def test_runner_ends_with_the_status_and_the_last_line_of_pytest(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "def test_good():\n    pass\n\n\ndef test_bad():\n    assert False\n"
    )
    result = run("mlplatform_site.testing", str(tmp_path), "-q", "-p", "no:cacheprovider", "-n", "0")
    assert result.returncode == 1
    assert result.stdout.splitlines()[-1].startswith("1 failed, 1 passed in ")


SECOND_TIME = """
import pathlib

def test_it():
    there = pathlib.Path({there!r})
    there.write_text(there.read_text() + "x" if there.exists() else "x")
    assert there.read_text() in {passing!r}

def test_another():
    pass
"""


@pytest.mark.parametrize(("passing", "status", "asked"), [(["x"], 0, "x"), (["xx"], 0, "xx"), ([], 1, "xx")])
def test_what_fails_beside_others_is_asked_again_alone_once(
    tmp_path: Path, passing: list[str], status: int, asked: str
) -> None:
    (tmp_path / "test_it.py").write_text(SECOND_TIME.format(there=str(tmp_path / "asked"), passing=passing))
    result = run("mlplatform_site.testing", str(tmp_path), "-q", "-p", "no:cacheprovider", "-n", "2")
    assert (result.returncode, (tmp_path / "asked").read_text()) == (status, asked)
    assert ("Flaky, to be mended: " in result.stderr) is (status == 0 and asked == "xx")
    if asked == "xx":
        assert "1 deselected" in result.stdout.splitlines()[-1]


def test_plain_pytest_gets_servers_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text(
        "from django.db import connection\n\n\n"
        "def test_database(db):\n"
        "    assert connection.settings_dict['NAME'] == 'mlplatform_test'\n"
    )
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    result = subprocess.run(
        [sys.executable, "-m", "pytest", str(tmp_path), "-q", "-p", "no:cacheprovider", "-c", "pyproject.toml"],
        cwd=PROJECT, env=kept, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.stdout.splitlines()[-1].startswith("1 passed in "), result.stdout + result.stderr
