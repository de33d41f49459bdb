"""The benchmarks run, tell their conditions, and leave the record alone; their figures are not tested."""

import io
import json

import pytest
from django.core.management import call_command
from django.db import connection

from analysis.benchmarks.environment import percentiles
from registry.models import OutboxEntry, TrainingRun

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def said(name: str, *arguments: str) -> str:
    out = io.StringIO()
    call_command(name, *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_the_insert_benchmark_compares_with_copy_and_leaves_the_record_alone() -> None:
    name = connection.settings_dict["NAME"]
    body = json.loads(said("benchmark_metric_insert", "--batches", "2", "--rounds", "1", "--json"))
    assert [(rate["way"], rate["keys"]) for rate in body["rates"]] == [
        ("plain COPY", 1), ("log_metrics", 1), ("plain COPY", 10), ("log_metrics", 10),
    ]  # fmt: skip
    ours, copy = (body["rates"][place]["points_per_second"] for place in (3, 2))
    assert body["rates"][3]["share_of_copy"] == pytest.approx(ours / copy)
    assert body["conditions"]["postgresql"]
    assert connection.settings_dict["NAME"] == name
    assert (TrainingRun.objects.count(), OutboxEntry.objects.count()) == (0, 0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname = %s", [f"{name}_bench"])
        assert cursor.fetchone() == (0,)


def test_the_admin_benchmark_measures_every_page() -> None:
    sizes = ("--runs", "100", "--metrics", "1000", "--points", "1000")
    body = json.loads(said("benchmark_admin", *sizes, "--json"))
    assert len(body["pages"]) == 16
    assert all(0 < page["queries"] <= 10 for page in body["pages"])


def test_percentiles_of_one_and_of_many() -> None:
    assert percentiles([5.0]) == {"p50": 5.0, "p95": 5.0, "p99": 5.0}
    assert percentiles([float(n) for n in range(101)]) == {"p50": 50.0, "p95": 95.0, "p99": 99.0}
