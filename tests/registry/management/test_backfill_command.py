"""``manage.py migrate_runs_to_mongo``: what it prints and how it exits."""

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

from registry.documents import plain
from registry.documents.connection import collection
from registry.models import Backfill
from registry.services.run_log import log_epoch
from registry.sync import backfill_chosen
from registry.sync.backfill_choice import Choice
from registry.sync.backfill_runs import migrate
from registry.sync.relay import drain
from tests.factories import ParamFactory, RunFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo", "redis_keys")]
RUN = "1f" * 16


def output(*words: str) -> str:
    out = StringIO()
    call_command("migrate_runs_to_mongo", *words, stdout=out)
    return out.getvalue()


def test_the_end_tells_what_was_done_and_that_the_stores_agree() -> None:
    RunFactory.create_batch(3)
    text = output()
    assert "3 runs looked at, 3 bodies made (" in text
    assert "3 documents in 256 ranges compared: 0 have come apart, 0 are on their way." in text
    assert "3 runs looked at, 0 bodies made, 3 documents sent anew (" in output("--again")


def test_a_dry_run_tells_what_would_be_done(capsys: pytest.CaptureFixture[str]) -> None:
    RunFactory.create_batch(3)
    text = output("--dry-run")
    assert text == "3 runs chosen: 3 without a body, 0 of them in MongoDB. Nothing was written.\n"
    steps = migrate(Choice(), batch=2)
    next(steps)
    steps.close()
    assert "1 without a body, 0 of them in MongoDB. It would go on after 2 runs." in output("--dry-run")
    output()
    assert "was cut off: 2 of 3 runs were done." in " ".join(capsys.readouterr().err.split())
    assert "3 bodies would be sent anew. Nothing" in output("--dry-run", "--again")
    assert json.loads(output("--dry-run", "--json"))["without_body"] == 0


def test_what_differs_is_told_by_range_with_the_command_that_mends_it() -> None:
    RunFactory.create(run_id=RUN)
    output()
    collection("runs").delete_one({"_id": RUN})
    out = StringIO()
    with pytest.raises(CommandError, match="1 have come apart. Mend them with: manage.py reconcile --repair"):
        call_command("migrate_runs_to_mongo", "--verify-only", stdout=out)
    assert "runs        1f              1        0  differ     0      1" in out.getvalue()
    assert f"runs {RUN}: missing." in out.getvalue()
    assert Backfill.objects.count() == 1


def test_of_a_choice_only_the_chosen_runs_are_looked_at_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill_chosen, "AT_ONCE", 1)
    monkeypatch.setattr(backfill_chosen, "MOST_BYTES", 1)
    chosen = RunFactory.create(run_id=RUN, experiment__name="digits")
    other = RunFactory.create(run_id="2f" * 16, experiment__name="else")
    RunFactory.create(experiment=chosen.experiment)
    output()
    for run, epoch in ((chosen, 1), (chosen, 100), (other, 1)):
        log_epoch(run_id=run.run_id, epoch=epoch, metrics={})
    drain()
    collection("runs").update_one({"_id": other.run_id}, {"$set": {"name": "by hand"}})
    collection("run_logs").delete_one({"run_id": other.run_id})
    words = ("--experiment", "digits", "--again", "--verify-only")
    told = output(*words)
    assert "6 documents in 512 ranges compared, 4 of the chosen runs one by one: 0 have come" in told
    assert "run_logs    2f" in told
    collection("runs").update_one({"_id": RUN}, {"$set": {"name": "by hand"}})
    collection("run_logs").delete_one({"run_id": RUN, "bucket": 1})
    with pytest.raises(CommandError, match="2 have come apart"):
        output(*words)
    with pytest.raises(CommandError, match="4 have come apart"):
        output("--again", "--verify-only")


def test_the_outcome_can_be_read_by_programs() -> None:
    RunFactory.create(run_id=RUN)
    told = json.loads(output("--json"))
    assert (told["made"], told["is_verified"], told["verification"]["documents"]) == (1, True, 1)
    assert json.loads(output("--json", "--verify-only"))["verification"]["is_good"] is True


def test_a_run_that_can_have_no_body_ends_it_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "MAX_BODY_BYTES", 2_000)
    ParamFactory.create(run__run_id=RUN, value="x" * 2_000, value_number=None)
    out = StringIO()
    with pytest.raises(CommandError, match="1 runs can't have a body"):
        call_command("migrate_runs_to_mongo", stdout=out)
    assert f"{RUN}: refused." in out.getvalue()


def test_without_mongodb_it_says_what_is_promised_and_what_waits(mongodb_away: Callable[[], None]) -> None:
    RunFactory.create(run_id=RUN)
    RunFactory.create(body_version=1)
    with pytest.raises(CommandError, match="1 runs wait for MongoDB.* Nothing was compared") as told:
        output()
    assert "--verify-only" in str(told.value)
    assert "MongoDB does not answer. Nothing was written" in output("--dry-run")


@pytest.mark.parametrize("since", ["2026-02-01", "2026-02-01T00:00:00+00:00"])
def test_since_takes_a_date_or_a_time(since: str) -> None:
    RunFactory.create(started_at="2026-01-01T00:00:00Z", ended_at="2026-03-01T00:00:00Z", duration_seconds=1)
    assert "0 runs chosen" in output("--dry-run", "--since", since)


@pytest.mark.parametrize(
    "words", [("--since", "soon"), ("--since", "2026-99-01"), ("--experiment", "nobody")]
)
def test_a_choice_that_means_nothing_is_refused(words: Any) -> None:
    with pytest.raises(CommandError, match=r"is no date|There is no experiment named 'nobody'"):
        output(*words)


@pytest.mark.fault
def test_without_postgresql_it_says_so_and_ends() -> None:
    result = subprocess.run(
        [sys.executable, "manage.py", "migrate_runs_to_mongo"],
        cwd=Path(__file__).resolve().parents[3],
        env=os.environ | {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert "PostgreSQL does not answer. What was committed stays" in result.stderr
    assert "Traceback" not in result.stderr
