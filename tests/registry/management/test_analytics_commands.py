import io
import json
import math

import pytest
from django.core.management import CommandError, call_command

from tests.factories import DatasetFactory, ExperimentFactory, RunFactory

pytestmark = pytest.mark.django_db
COMMANDS = ["top_runs", "framework_comparison", "dataset_stats"]


def said(name: str, *arguments: str) -> str:
    out = io.StringIO()
    call_command(name, *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("command", COMMANDS)
def test_without_data_it_says_what_to_do(command: str) -> None:
    assert "manage.py seed_demo" in said(command)
    assert json.loads(said(command, "--json")) == []


def test_rows_come_as_a_table_and_as_json() -> None:
    run = RunFactory(name="ünï", accuracy=0.875, loss=math.nan)
    assert "0.8750" in said("top_runs")
    assert run.run_id in said("top_runs")
    (row,) = json.loads(said("top_runs", "--json", "--limit", "5"))
    assert (row["name"], row["accuracy"], row["loss"]) == ("ünï", 0.875, None)
    assert json.loads(said("framework_comparison", "--json"))[0]["best_accuracy"] == 0.875
    assert "scikit-learn" in said("framework_comparison")
    assert json.loads(said("dataset_stats", "--json"))[0]["runs"] == 1
    assert run.dataset.name in said("dataset_stats", "--dataset", run.dataset.name)


def test_a_name_that_is_not_there_is_told_with_those_that_are() -> None:
    DatasetFactory(name="digits")
    ExperimentFactory(name="vision")
    with pytest.raises(CommandError, match="no dataset named 'x'. There are: digits"):
        said("top_runs", "--dataset", "x")
    with pytest.raises(CommandError, match="no experiment named 'x'. There are: vision"):
        said("top_runs", "--experiment", "x")
    with pytest.raises(CommandError, match="no dataset named 'x'. There are: digits"):
        said("dataset_stats", "--dataset", "x")
    with pytest.raises(CommandError, match="from 1"):
        said("top_runs", "--limit", "0")
