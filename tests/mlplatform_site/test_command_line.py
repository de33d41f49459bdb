import subprocess
from io import StringIO

import pytest
from django.core.management.base import BaseCommand

from mlplatform_site.settings.logs import is_awaited
from registry.management.telling import tell
from tests.mlplatform_site.test_settings import PRODUCTION, manage


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def asked_without_postgres(*words: str) -> subprocess.CompletedProcess[str]:
    return manage("onboardings", *words, "list", **PRODUCTION)


@pytest.mark.fault
@pytest.mark.slow
def test_a_command_without_postgres_says_so_in_two_lines() -> None:
    result = asked_without_postgres()
    assert (result.returncode, result.stdout) == (1, "")
    said, cure = result.stderr.splitlines()[-2:]
    assert said.startswith("CommandError: PostgreSQL: connection to server ")
    assert "manage.py doctor" in cure
    assert "Traceback" not in result.stderr
    assert "Traceback" in asked_without_postgres("--traceback").stderr


def test_progress_is_not_red_on_a_terminal() -> None:
    command = BaseCommand(stderr=Terminal(), force_color=True)
    tell(command, "Migrating")
    assert command.stderr._out.getvalue() == "Migrating\n"


@pytest.mark.parametrize(
    ("argv", "answer"),
    [
        (["manage.py", "init_stores"], True),
        (["/srv/site/manage.py"], True),
        (["manage.py", "relay_outbox"], False),
        (["manage.py", "cdc", "run"], False),
        (["/venv/bin/gunicorn", "demo"], False),
        ([], False),
    ],
)
def test_slow_queries_are_not_told_amid_what_an_awaited_command_says(
    argv: list[str], *, answer: bool
) -> None:
    assert is_awaited(argv) == answer
