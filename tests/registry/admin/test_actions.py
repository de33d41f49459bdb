"""What is done with chosen rows: who may, what is said, what is recorded."""

import csv
from io import StringIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from registry.admin.changes import MOST_REASONS
from registry.enums import ModelStage
from registry.models import AuditEntry, Experiment, ModelVersion, TrainingRun
from registry.services.permissions import grant_permission
from tests.factories import (
    ExperimentFactory,
    LoggedModelFactory,
    ModelVersionFactory,
    RunFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo")]
RUNS = "/admin/registry/trainingrun/"
EXPERIMENTS = "/admin/registry/experiment/"
VERSIONS = "/admin/registry/modelversion/"


@pytest.fixture
def ada() -> User:
    user = UserFactory.create(username="ada", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="registry"))
    return user


def act(client: Client, url: str, action: str, *rows: Any, follow: bool = True) -> Any:
    data = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(url, data, follow=follow)


def told(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def asked(answer: Any) -> tuple[str, dict[str, list[str]]]:
    assert answer.status_code == 302
    parts = urlsplit(answer["Location"])
    return parts.path, parse_qs(parts.query)


def test_chosen_runs_are_compared_on_the_site_s_page(admin_client: Client) -> None:
    runs = RunFactory.create_batch(3)
    path, query = asked(act(admin_client, RUNS, "compare", *runs[1:], follow=False))
    assert (path, query) == ("/compare/", {"run": [runs[2].run_id, runs[1].run_id]})


def test_a_csv_has_no_formulas(admin_client: Client) -> None:
    runs = [RunFactory.create(name=name) for name in ("\n=1", "\uff1dHYPERLINK(0)", "-5", "plain")]
    text = act(admin_client, RUNS, "export_csv", *runs, follow=False).getvalue().decode()
    lines = list(csv.DictReader(StringIO(text, newline="")))
    assert {line["name"] for line in lines} == {"'\n=1", "'\uff1dHYPERLINK(0)", "-5", "plain"}


def test_a_run_of_an_archived_experiment_is_not_restored_alone(admin_client: Client) -> None:
    binned = {"lifecycle": "deleted", "deleted_at": "2026-01-01T00:00Z"}
    run = RunFactory.create(**binned, **{f"experiment__{key}": value for key, value in binned.items()})
    said = told(act(admin_client, RUNS, "restore", run))
    assert said[0] == "0 training runs restored."
    assert said[1].endswith(f"Restore its experiment '{run.experiment.name}' first.")


@pytest.mark.parametrize("kind", ["json", "parquet"])
def test_chosen_runs_are_exported_by_the_site(kind: str, admin_client: Client) -> None:
    runs = RunFactory.create_batch(2)
    path, query = asked(act(admin_client, RUNS, f"export_{kind}", *runs, follow=False))
    listed = f"run_id IN ('{runs[1].run_id}','{runs[0].run_id}')"
    assert (path, query) == ("/runs/export", {"filter": [listed], "lifecycle": ["all"], "format": [kind]})


def test_more_runs_than_an_address_takes_are_told(admin_client: Client) -> None:
    runs = RunFactory.create_batch(51)
    data = {"action": "compare", "_selected_action": [runs[0].pk], "select_across": "1"}
    answer = admin_client.post(RUNS, data)
    assert len(asked(answer)[1]["run"]) == 50
    assert "first 50 runs" in told(admin_client.get(RUNS))[0]


def test_a_run_s_newest_version_goes_to_production(admin_client: Client) -> None:
    old = ModelVersionFactory.create(stage=ModelStage.PRODUCTION)
    new = ModelVersionFactory.create(model=old.model, number=old.number + 1)
    logged = LoggedModelFactory.create(source_run=new.run)
    newest = ModelVersionFactory.create(model=old.model, number=old.number + 2, run=None, logged_model=logged)
    bare = RunFactory.create(name="bare")
    said = told(act(admin_client, RUNS, "promote", new.run, bare))
    assert said[0] == "1 training run promoted."
    assert "'bare' has no model version" in said[1]
    stages = dict(ModelVersion.objects.values_list("pk", "stage"))
    assert stages == {old.pk: "Archived", new.pk: "None", newest.pk: "Production"}
    entry = AuditEntry.objects.get(action="model.stage")
    assert (entry.subject_id, entry.channel) == (old.model.name, "web")


@pytest.mark.parametrize(("url", "action"), [(RUNS, "promote"), (VERSIONS, "to_production")])
def test_another_s_version_is_not_put_out_of_production(
    url: str, action: str, client: Client, ada: User
) -> None:
    theirs = ModelVersionFactory.create(stage=ModelStage.PRODUCTION)
    mine = ModelVersionFactory.create(model=theirs.model, number=theirs.number + 1)
    assert mine.run is not None
    grant_permission(experiment=mine.run.experiment, user=ada, level="EDIT", by=None)
    client.force_login(ada)
    answer = act(client, url, action, mine.run if url == RUNS else mine)
    assert told(answer)[0].startswith("0 ")
    assert set(ModelVersion.objects.values_list("pk", "stage")) == {
        (theirs.pk, "Production"),
        (mine.pk, "None"),
    }


def test_who_may_only_look_is_offered_neither_promotion_nor_archive(client: Client) -> None:
    onlooker = UserFactory.create(is_staff=True)
    codes = ("view_trainingrun", "view_experiment")
    onlooker.user_permissions.set(Permission.objects.filter(codename__in=codes))
    client.force_login(onlooker)
    run = RunFactory.create()
    for url, row, refused in (
        (RUNS, run, ("promote", "archive", "restore")),
        (EXPERIMENTS, run.experiment, ("archive", "restore")),
    ):
        page = client.get(url).content.decode()
        for action in refused:
            assert f'value="{action}"' not in page
            act(client, url, action, row)
    assert TrainingRun.objects.get().lifecycle == "active"
    assert Experiment.objects.get(pk=run.experiment.pk).lifecycle == "active"


def test_experiments_are_archived_and_restored_and_it_is_recorded(admin_client: Client) -> None:
    chosen = ExperimentFactory.create_batch(2)
    for action, lifecycle in (("archive", "deleted"), ("restore", "active")):
        said = told(act(admin_client, EXPERIMENTS, action, *chosen))
        assert said == [f"2 experiments {action.removesuffix('d')}d."]
        assert set(Experiment.objects.values_list("lifecycle", flat=True)) == {lifecycle}
    assert AuditEntry.objects.filter(action="experiment.delete", channel="web").count() == 2


def test_an_experiment_is_archived_by_those_who_manage_it(client: Client, ada: User) -> None:
    experiments = ExperimentFactory.create_batch(MOST_REASONS + 2)
    grant_permission(experiment=experiments[0], user=ada, level="EDIT", by=None)
    client.force_login(ada)
    said = told(act(client, EXPERIMENTS, "archive", *experiments))
    assert said[0] == "0 experiments archived."
    assert len(said) == MOST_REASONS + 2
    assert "2 more were refused" in said[-1]
    assert not Experiment.objects.filter(lifecycle="deleted").exists()
    grant_permission(experiment=experiments[0], user=ada, level="MANAGE", by=None)
    assert told(act(client, EXPERIMENTS, "archive", experiments[0])) == ["1 experiment archived."]


def test_the_best_runs_of_experiments_are_compared(admin_client: Client) -> None:
    first, second = ExperimentFactory.create_batch(2)
    scores = {first: (0.5, 0.9, None), second: (0.95, 0.1, 0.2)}
    runs = {
        (experiment, score): RunFactory.create(experiment=experiment, accuracy=score)
        for experiment, of_it in scores.items()
        for score in of_it
    }
    _, query = asked(act(admin_client, EXPERIMENTS, "compare_best", first, second, follow=False))
    assert query["run"] == [runs[second, 0.95].run_id, runs[first, 0.9].run_id]
    _, query = asked(act(admin_client, EXPERIMENTS, "compare_best", first, follow=False))
    assert query["run"] == [runs[first, 0.9].run_id, runs[first, 0.5].run_id]


def test_experiments_without_a_score_have_nothing_to_compare(admin_client: Client) -> None:
    run = RunFactory.create(accuracy=None)
    assert "No finished run" in told(act(admin_client, EXPERIMENTS, "compare_best", run.experiment))[0]


def test_a_row_leads_to_page_body_files_and_comparison(admin_client: Client) -> None:
    run = RunFactory.create()
    for page in (admin_client.get(RUNS), admin_client.get(f"{RUNS}{run.pk}/change/")):
        html = page.content.decode()
        for address in (
            reverse("analysis:run-detail", args=[run.run_id]),
            reverse("admin:registry_rundocument_change", args=[run.run_id]),
            f"/admin/registry/artifact/?run__id__exact={run.pk}",
            f"/compare/?run={run.run_id}",
        ):
            assert f'href="{address}"' in html
