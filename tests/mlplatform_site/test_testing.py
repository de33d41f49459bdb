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
