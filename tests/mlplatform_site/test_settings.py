"""Settings are read once a process, so each case is a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import LazySettings

from mlplatform_site import checks

PROJECT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "MLPLATFORM_ENV": "production",
    "SECRET_KEY": "Vb3nH0k2Qy7mW9pL5xR8tZ1cF4gJ6sD-uAeKiNoPqBvXwYzMlTr",
    "ALLOWED_HOSTS": "ml.example.com",
    "DATABASE_URL": "postgres://u:p@127.0.0.1:1/d",
    "MONGODB_URL": "mongodb://127.0.0.1:1/d",
    "REDIS_CACHE_URL": "redis://127.0.0.1:1/0",
    "REDIS_STORE_URL": "redis://127.0.0.1:1/1",
}
KEPT = ("PATH", "HOME", "LANG", "COVERAGE_PROCESS_CONFIG")


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT, env={**kept, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_production_settings_pass_the_deployment_check() -> None:
    result = manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "DATABASE_URL", "MONGODB_URL", "REDIS_CACHE_URL", "REDIS_STORE_URL"]
)
def test_a_missing_value_is_told_in_production(name: str) -> None:
    result = manage("check", **{key: value for key, value in PRODUCTION.items() if key != name})
    assert result.returncode != 0
    assert f"{name} is not set" in result.stderr


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("MLPLATFORM_ENV", "prod", "must be one of development, production"),
        ("SLOW_QUERY_MS", "soon", "must be a whole number above 0, not 'soon'"),
        ("MONGODB_TIMEOUT_MS", "-5", "must be a whole number above 0, not -5"),
    ],
)
def test_a_bad_value_is_told(name: str, value: str, message: str) -> None:
    result = manage("check", **{**PRODUCTION, name: value})
    assert result.returncode != 0
    assert message in result.stderr


def test_development_is_shut_by_default(tmp_path: Path) -> None:
    code = "from django.conf import settings as s; print(s.DEBUG, s.ALLOWED_HOSTS)"
    result = manage("shell", "-v0", "-c", code, STACK_DIR=str(tmp_path))
    assert result.stdout.strip() == "False ['127.0.0.1', 'localhost', '[::1]']"


@pytest.mark.parametrize("url", ["ampq://user:secret@broker/", "localhost:5672", "unix:///redis.sock"])
def test_a_broker_that_is_none_is_told_without_its_password(settings: LazySettings, url: str) -> None:
    assert checks.the_broker_is_one_we_speak_to() == []
    settings.BROKER_URL = url
    (error,) = checks.the_broker_is_one_we_speak_to()
    assert error.id == "mlplatform.E002"
    assert "secret" not in str(error)


def test_without_stores_the_check_says_what_to_run(tmp_path: Path) -> None:
    result = manage("check", "--database", "default", STACK_DIR=str(tmp_path))
    assert result.returncode != 0
    assert result.stderr.count("mlplatform.E001") == 4
    assert "make demo" in result.stderr
