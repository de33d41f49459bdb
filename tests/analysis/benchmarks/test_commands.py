"""The benchmarks run, tell their conditions, and leave the record alone; their figures are not tested."""

import io
import json
from pathlib import Path

import pytest
from django.contrib import admin
from django.core.management import CommandError, call_command
from django.db import connection

from analysis.benchmarks.environment import percentiles
from analysis.benchmarks.metric_insert import ONE_COPY, OURS, InsertRate, is_reached
from registry.models import OutboxEntry, TrainingRun
from registry.services.runs import start_run
from registry.sync.run_bodies import run_body
from tests.factories import ExperimentFactory

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def said(name: str, *arguments: str) -> str:
    out = io.StringIO()
    call_command(name, *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


@pytest.mark.fault
def test_the_insert_benchmark_compares_with_copy_and_leaves_the_record_alone() -> None:
    name = connection.settings_dict["NAME"]
    body = json.loads(said("benchmark_metric_insert", "--batches", "2", "--rounds", "1", "--json"))
    ways = ["plain COPY", "one COPY of all", "log_metrics"]
    assert [(rate["keys"], rate["way"]) for rate in body["rates"]] == [
        (keys, way) for keys in (1, 10) for way in ways
    ]
    assert all(rate["points_per_second"] > 0 for rate in body["rates"])
    _, _, _, base, _, ours = (rate["points_per_second"] for rate in body["rates"])
    assert body["rates"][5]["share_of_copy"] == pytest.approx(ours / base)
    assert body["conditions"]["postgresql"]
    assert connection.settings_dict["NAME"] == name
    assert (TrainingRun.objects.count(), OutboxEntry.objects.count()) == (0, 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [f"{name}_bench"])
        assert cursor.fetchone() == (0,)


def test_the_target_is_half_of_copy_with_any_number_of_keys() -> None:
    def rates(share: float) -> list[InsertRate]:
        shares = [(ONE_COPY, 0.1), (OURS, 0.9), (OURS, share)]
        return [InsertRate(way, 1, 1.0, 1.0, 1.0, each) for way, each in shares]

    assert is_reached(rates(0.5))
    assert not is_reached(rates(0.49))


@pytest.mark.parametrize("argument", ["--batches=0", "--rounds=x"])
def test_an_insert_benchmark_of_nothing_is_refused(argument: str) -> None:
    with pytest.raises(CommandError, match="no number from 1"):
        said("benchmark_metric_insert", argument)


@pytest.mark.fault
@pytest.mark.usefixtures("mongo", "redis_keys")
def test_the_admin_benchmark_measures_every_page(tmp_path: Path) -> None:
    sizes = ("--runs", "2000", "--points", "2000", "--rounds", "1")
    body = json.loads(said("benchmark_admin", *sizes, "--out", str(tmp_path), "--json"))
    assert body == json.loads((tmp_path / "admin.json").read_bytes())
    assert body["conditions"]["runs"] == 2_000
    assert {page["model"] for page in body["pages"]} >= {
        str(model._meta.verbose_name_plural) for model in admin.site._registry
    }
    assert {page["status"] for page in body["pages"]} == {200}
    assert all(page["statements"] <= 15 for page in body["pages"])
    assert "| training runs | list |" in (tmp_path / "admin.md").read_text()


@pytest.mark.fault
@pytest.mark.usefixtures("mongo", "redis_keys")
def test_the_registration_benchmark_compares_four_ways_and_leaves_the_record_alone() -> None:
    kept = start_run(experiment=ExperimentFactory().name)
    body = json.loads(said("benchmark_registration", "--rounds", "3", "--piled-up", "5", "--json"))
    ways = ["PostgreSQL alone", "naive dual write", "outbox, relay only", "outbox, fast path"]
    assert [cost["way"] for cost in body["ways"]] == ways
    assert all(cost["p50_ms"] > 0 for cost in body["ways"])
    assert (body["drain"]["effects"], body["drain"]["documents"]) == (25, 5)
    assert TrainingRun.objects.get() == kept
    assert run_body(kept).is_current


def test_percentiles_of_one_and_of_many() -> None:
    assert percentiles([5.0]) == {"p50": 5.0, "p95": 5.0, "p99": 5.0}
    assert percentiles([float(n) for n in range(101)]) == {"p50": 50.0, "p95": 95.0, "p99": 99.0}
