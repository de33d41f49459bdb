"""``manage.py reconcile``: what it prints and how it exits."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from registry.documents.connection import collection
from registry.models import OrphanSighting
from registry.services.experiments import create_experiment
from registry.services.runs import start_run

pytestmark = pytest.mark.django_db(transaction=True)
RUN = "1f" * 16


@pytest.fixture(autouse=True)
def _run(mongo: Any, redis_keys: None) -> None:
    create_experiment(name="e")
    start_run(experiment="e", run_id=RUN)


def output(*words: str, **named: Any) -> str:
    out = StringIO()
    call_command("reconcile", *words, stdout=out, **named)
    return out.getvalue()


def test_stores_that_agree_are_told_in_one_table() -> None:
    text = output()
    assert text.count("none") == 10
    assert "0 found, 0 mended." in text


def test_drift_is_told_with_the_command_that_mends_it() -> None:
    collection("runs").delete_one({"_id": RUN})
    with pytest.raises(CommandError, match="manage.py reconcile --repair"):
        output()
    text = output("--repair")
    assert f"runs {RUN}: missing. PostgreSQL has version 1. (mended)" in text
    assert "1 found, 1 mended." in text
    assert "0 found" in output()


def test_the_report_can_be_read_by_programs() -> None:
    collection("runs").update_one({"_id": RUN}, {"$set": {"status": "FAILED"}})
    out = StringIO()
    with pytest.raises(CommandError, match="1 have come apart"):
        call_command("reconcile", "--deep", "--json", stdout=out)
    report = json.loads(out.getvalue())
    assert (report["found"], report["is_clean"], report["is_deep"]) == (1, False, True)
    assert report["findings"][0]["kind"] == "altered"


def test_an_orphan_is_left_with_a_reason_until_its_time() -> None:
    collection("experiments").insert_one({"_id": "7", "v": 1, "name": "ghost"})
    with pytest.raises(CommandError, match="1 could not be mended"):
        output("--repair")
    assert OrphanSighting.objects.count() == 1
    assert "1 mended" in output("--repair", orphans_older_than=0.0)


def test_a_store_that_is_away_is_told_with_what_to_do(mongodb_away: Callable[[], None]) -> None:
    with pytest.raises(CommandError, match="Not everything could be checked: MongoDB .*manage.py doctor"):
        output()


def test_without_postgresql_it_says_so_and_ends() -> None:
    result = subprocess.run(
        [sys.executable, "manage.py", "reconcile"],
        cwd=Path(__file__).resolve().parents[3],
        env=os.environ | {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert "PostgreSQL, which decides, does not answer" in result.stderr
    assert "manage.py doctor" in result.stderr
    assert "Traceback" not in result.stderr
