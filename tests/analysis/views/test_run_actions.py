import csv
import json
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pyarrow import parquet

from registry.enums import Lifecycle
from registry.models import OutboxEntry, RunTag, TrainingRun
from registry.services.permissions import grant_permission
from tests.factories import MetricFactory, ParamFactory, RunFactory, UserFactory

pytestmark = pytest.mark.django_db
URL = reverse("analysis:run-actions")
EXPORT = reverse("analysis:run-export")


@pytest.fixture
def editor(client: Client) -> Client:
    """A browser of someone who may change every run below."""
    client.force_login(UserFactory.create(username="ed"))
    return client


def may(level: str, run: TrainingRun) -> TrainingRun:
    grant_permission(experiment=run.experiment, user=User.objects.get(username="ed"), level=level, by=None)
    return run


def act(client: Client, action: str, *runs: TrainingRun | str, **fields: Any) -> tuple[str, list[str]]:
    """Where one is led, and what one is told."""
    ids = [run if isinstance(run, str) else run.run_id for run in runs]
    response = client.post(URL, {"action": action, "run": ids, "back": "sort=name&q=run"} | fields)
    assert response.status_code == 303
    client.cookies.pop("messages", None)  # told once
    return response["Location"], [str(each) for each in get_messages(response.wsgi_request)]


def lifecycles() -> set[str]:
    return set(TrainingRun.objects.values_list("lifecycle", flat=True))


def test_runs_are_tagged_and_one_is_led_back(editor: Client) -> None:
    runs = [may("EDIT", RunFactory()) for _ in range(2)]
    where, told = act(editor, "tag", *runs, tag_key=" team ", tag_value="a")
    assert where == "/runs/?q=run&sort=name"
    assert told == ["2 runs tagged team."]
    act(editor, "tag", runs[0], tag_key="team", tag_value="b")
    assert sorted(RunTag.objects.values_list("key", "value")) == [("team", "a"), ("team", "b")]


def test_archiving_and_restoring_again_changes_nothing(editor: Client) -> None:
    runs = [may("EDIT", RunFactory()) for _ in range(2)]
    for _ in range(2):
        assert act(editor, "archive", *runs)[1] == [
            "2 runs archived. Find them under Archive: archived only."
        ]
        assert lifecycles() == {Lifecycle.DELETED}
    for _ in range(2):
        assert act(editor, "restore", *runs, *runs)[1] == ["2 runs restored."]
        assert lifecycles() == {Lifecycle.ACTIVE}


def test_runs_that_one_may_not_change_are_named_and_the_others_done(editor: Client) -> None:
    mine, theirs, hidden = (
        may("EDIT", RunFactory()),
        may("READ", RunFactory(name="theirs")),
        RunFactory(name="x"),
    )
    may("NO_PERMISSIONS", hidden)
    _, told = act(editor, "archive", mine, theirs, hidden)
    assert told == [
        "1 run archived. Find them under Archive: archived only.",
        "You may read but not change theirs. Ask one who manages the experiment for EDIT.",
        f"There is no run {hidden.run_id}.",
    ]
    assert list(TrainingRun.objects.filter(lifecycle="deleted")) == [mine]


def test_many_forbidden_runs_are_counted(editor: Client) -> None:
    experiment = may("READ", RunFactory()).experiment
    runs = [RunFactory(experiment=experiment, name=f"r{n}") for n in range(7)]
    assert "r0, r1, r2, r3, r4 and 2 more." in act(editor, "tag", *runs, tag_key="a", tag_value="b")[1][0]


@pytest.mark.django_db(transaction=True)
def test_bodies_of_picked_runs_are_left_to_the_relay(editor: Client, mongo: None) -> None:
    runs = [may("EDIT", RunFactory()) for _ in range(2)]
    with CaptureQueriesContext(connection) as taken:
        act(editor, "archive", *runs)
    owed = set(OutboxEntry.objects.values_list("aggregate_id", flat=True))
    assert owed == {run.run_id for run in runs}
    asked = [each["sql"] for each in taken if '"own_level"' in each["sql"]]
    assert len(asked) == 2


def test_a_run_in_the_bin_takes_no_tag(editor: Client) -> None:
    run = may("EDIT", RunFactory(name="binned", lifecycle="deleted", deleted_at="2026-01-01T00:00Z"))
    _, told = act(editor, "tag", run, tag_key="a", tag_value="b")
    assert len(told) == 1
    assert told[0].startswith(f"binned: The run {run.run_id} must be in the 'active' state")


def test_a_run_of_an_archived_experiment_waits_for_its_experiment(editor: Client) -> None:
    binned = {"lifecycle": "deleted", "deleted_at": "2026-01-01T00:00Z"}
    run = RunFactory(name="b", **binned, **{f"experiment__{key}": value for key, value in binned.items()})
    (told,) = act(editor, "restore", may("EDIT", run))[1]
    assert told.endswith(f"Restore its experiment '{run.experiment.name}' first.")
    assert lifecycles() == {Lifecycle.DELETED}


@pytest.mark.parametrize(
    ("action", "count", "fields", "told"),
    [
        ("archive", 0, {}, "No run is picked."),
        ("archive", 201, {}, "201 runs are picked; at most 200"),
        ("compare", 51, {}, "51 runs are picked; compare at most 50 at once."),
        ("tag", 1, {"tag_key": " ", "tag_value": "x"}, "The tag is blank."),
        ("paint", 1, {}, "Choose what to do with the runs: compare, tag, archive, restore, export."),
        ("export", 1, {"format": "xlsx"}, "There is no format 'xlsx'."),
        ("archive", 1, {}, "There is no run 00000000000000000000000000000000."),
    ],
)
def test_what_can_not_be_done_is_told(
    editor: Client, action: str, count: int, fields: dict[str, str], told: str
) -> None:
    (said,) = act(editor, action, *(f"{n:032x}" for n in range(count)), **fields)[1]
    assert said.startswith(told)


def test_an_id_that_is_none_breaks_nothing(editor: Client) -> None:
    assert act(editor, "archive", "a\x00b")[1] == ["There is no run a\x00b."]
    editor.post(URL, {"action": "export", "run": ["a\x00b"]})


def test_picked_runs_are_led_to_the_comparison(editor: Client) -> None:
    assert act(editor, "compare", "a" * 32, "b" * 32)[0] == f"/compare/?run={'a' * 32}&run={'b' * 32}"


def test_picked_runs_are_exported_with_the_columns_and_order_of_the_table(editor: Client) -> None:
    runs = [RunFactory(name=name, lifecycle=state, deleted_at=at) for name, state, at in (
        ("b", "active", None), ("a", "deleted", "2026-01-01T00:00Z"), ("c", "active", None))]  # fmt: skip
    hidden = may("NO_PERMISSIONS", RunFactory(name="hidden"))
    for run in runs:
        MetricFactory(run=run, key="f1", latest_value=0.5)
    ids = [run.run_id for run in (*runs[:2], hidden)]
    response = editor.post(
        URL, {"action": "export", "run": ids, "format": "json", "back": "sort=name&columns=metrics.f1"}
    )
    assert json.loads(response.getvalue()) == [
        {"name": run.name, "run_id": run.run_id, "experiment": run.experiment.name, "metrics.f1": 0.5}
        for run in (runs[1], runs[0])
    ]


def test_all_matching_runs_are_exported_in_order(editor: Client) -> None:
    for name, lr in (("=cmd()", "=1+1"), ("b", "0.5"), ("other", "9")):
        ParamFactory(run=RunFactory(name=name), key="lr", value=lr, value_number=None)
    may("NO_PERMISSIONS", RunFactory(name="b hidden"))
    query = {"filter": "name != 'other'", "columns": ["params.lr", "run_id"], "sort": "name"}
    response = editor.get(EXPORT, query)
    assert response["Content-Disposition"] == 'attachment; filename="runs.csv"'
    lines = list(csv.DictReader(StringIO(response.getvalue().decode())))
    assert list(lines[0]) == ["name", "run_id", "experiment", "params.lr"]
    assert [(line["name"], line["params.lr"]) for line in lines] == [("'=cmd()", "'=1+1"), ("b", "0.5")]
    table = parquet.read_table(BytesIO(editor.get(EXPORT, query | {"format": "parquet"}).getvalue()))
    assert table.column("name").to_pylist() == ["=cmd()", "b"]


def test_an_export_of_another_format_is_refused(editor: Client) -> None:
    response = editor.get(EXPORT, {"format": "xlsx"})
    assert (response.status_code, response.content.decode()) == (
        400, "There is no format 'xlsx'. A table is exported as one of csv, json, parquet.",
    )  # fmt: skip


def test_an_export_that_can_not_be_read_is_explained_in_the_table(editor: Client) -> None:
    response = editor.get(EXPORT, {"filter": "lr = 1", "format": "csv"})
    assert (response.status_code, response["Location"]) == (302, "/runs/?filter=lr+%3D+1")
