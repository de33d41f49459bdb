import csv
import io
import re

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from registry.documents.connection import collection
from registry.models import ModelVersion, TrainingRun
from registry.services.api_tokens import issue_token
from registry.services.artifacts import log_artifact
from registry.services.metric_samples import MetricSample
from registry.services.metrics import log_metrics
from registry.services.runs import start_run
from tests.factories import ExperimentFactory, ModelVersionFactory, ParamFactory, RunFactory, UserFactory

RUNS = "/admin/registry/trainingrun/"


def names(client: Client, url: str) -> list[str]:
    page = client.get(url).content.decode()
    return re.findall(r'class="field-name"><a[^>]*>([^<]+)</a>', page)


@pytest.mark.django_db
def test_pages_follow_one_another_by_key_and_back(admin_client: Client) -> None:
    made = [RunFactory(name=f"run-{place:03}").name for place in range(120)][::-1]
    seen, url = [], RUNS
    for _ in range(3):
        page = admin_client.get(url)
        seen.append(names(admin_client, url))
        url = RUNS + page.context["cl"].older_url
    assert [name for page in seen for name in page] == made
    assert not admin_client.get(RUNS).context["cl"].newer_url
    last = admin_client.get(f"{RUNS}?older={TrainingRun.objects.get(name='run-020').pk}")
    assert not last.context["cl"].older_url
    assert names(admin_client, RUNS + last.context["cl"].newer_url) == seen[1]


@pytest.mark.django_db
def test_a_filter_stays_from_page_to_page(admin_client: Client) -> None:
    for _ in range(60):
        RunFactory(status="FAILED")
    RunFactory()
    url = admin_client.get(f"{RUNS}?status__exact=FAILED").context["cl"].older_url
    assert "status__exact=FAILED" in url
    assert len(names(admin_client, RUNS + url)) == 10


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["x", "-1", "9" * 30, ""])
def test_a_place_that_is_none_is_the_first_page(admin_client: Client, place: str) -> None:
    run = RunFactory()
    assert names(admin_client, f"{RUNS}?older={place}") == [run.name]


@pytest.mark.django_db
def test_runs_are_found_by_name_id_and_framework(admin_client: Client) -> None:
    run = RunFactory(name="Grüner Wald", framework="keras")
    RunFactory()
    for query in ("?q=grüner", f"?q={run.run_id}", "?framework=keras"):
        assert names(admin_client, RUNS + query) == ["Grüner Wald"], query
    assert names(admin_client, f"{RUNS}?q={'f' * 32}") == []


@pytest.mark.django_db
def test_of_fewer_than_three_letters_the_whole_name_is_found(admin_client: Client) -> None:
    RunFactory(name="a1")
    RunFactory(name="ba1")
    assert names(admin_client, f"{RUNS}?q=A1") == ["a1"]
    assert names(admin_client, f"{RUNS}?q=a") == []


@pytest.mark.django_db
def test_a_run_shows_its_params_metrics_and_where_else_it_is(admin_client: Client) -> None:
    run = RunFactory()
    ParamFactory(run=run, key="lr", value="<script>alert(1)</script>")
    page = admin_client.get(f"{RUNS}{run.pk}/change/").content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert reverse("analysis:run-detail", args=[run.run_id]) in page


@pytest.mark.django_db(transaction=True)
def test_runs_are_archived_and_restored_in_both_stores(mongo: None, admin_client: Client) -> None:
    ExperimentFactory(name="e")
    run = start_run(experiment="e")
    for action, lifecycle in (("archive", "deleted"), ("restore", "active")):
        answer = admin_client.post(RUNS, {"action": action, "_selected_action": [run.pk]}, follow=True)
        assert f"1 training run {action}" in answer.content.decode()
        run.refresh_from_db()
        document = collection("runs").find_one({"_id": run.run_id})
        assert document is not None
        assert (run.lifecycle, document["deleted"]) == (lifecycle, lifecycle == "deleted")


@pytest.mark.django_db
def test_an_onlooker_may_export_and_not_archive(client: Client) -> None:
    run = RunFactory(name="=SUM(A1)", framework="a,b\nc")
    user = UserFactory(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_trainingrun"))
    client.force_login(user)
    page = client.get(RUNS).content.decode()
    assert "export_csv" in page
    assert '"archive"' not in page
    client.post(RUNS, {"action": "archive", "_selected_action": [run.pk]})
    run.refresh_from_db()
    assert run.lifecycle == "active"
    answer = client.post(RUNS, {"action": "export_csv", "_selected_action": [run.pk]})
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert (rows[0]["name"], rows[0]["framework"], rows[0]["run_id"]) == ("'=SUM(A1)", "a,b\nc", run.run_id)


@pytest.mark.django_db
def test_the_history_of_a_metric_is_paged_by_key(admin_client: Client) -> None:
    run = RunFactory()
    log_metrics(run_id=run.run_id, points=[MetricSample("loss", float(i), i, i) for i in range(450)])
    url = reverse("admin:registry_metric_points", args=[run.metrics.get().pk])
    counts, after = [], ""
    while True:
        page = admin_client.get(url, {"after": after}).context["page"]
        counts.append([point.step for point in page.points])
        after = page.next_after
        if not after:
            break
    assert [len(steps) for steps in counts] == [200, 200, 50]
    assert [step for steps in counts for step in steps] == list(range(450))
    for nonsense in ("x", "1_2", "1_2_x", f"{2**70}_0_0"):
        assert len(admin_client.get(url, {"after": nonsense}).context["page"].points) == 200
    assert admin_client.get("/admin/registry/metric/0/points/").status_code == 404


@pytest.mark.django_db
def test_a_version_is_promoted_and_deployed_by_those_who_may(admin_client: Client, client: Client) -> None:
    version = ModelVersionFactory()
    log_artifact(run_id=version.run.run_id, path="model.bin", content=b"model")
    url = reverse("admin:registry_modelversion_changelist")
    onlooker = UserFactory(is_staff=True)
    onlooker.user_permissions.add(Permission.objects.get(codename="view_modelversion"))
    client.force_login(onlooker)
    client.post(url, {"action": "to_production", "_selected_action": [version.pk]})
    assert ModelVersion.objects.get().stage == "None"
    admin_client.post(url, {"action": "to_production", "_selected_action": [version.pk]})
    admin_client.post(url, {"action": "deploy_to_production", "_selected_action": [version.pk]})
    version.refresh_from_db()
    assert version.stage == "Production"
    assert version.deployments.get().status == "live"


@pytest.mark.django_db
def test_a_token_shows_its_start_and_can_be_revoked(admin_client: Client) -> None:
    text, token = issue_token(user=UserFactory(), name="t", scopes=["read"])
    url = reverse("admin:registry_apitoken_changelist")
    page = admin_client.get(url).content.decode()
    assert token.prefix in page
    assert text not in page
    admin_client.post(url, {"action": "revoke", "_selected_action": [token.pk]})
    token.refresh_from_db()
    assert token.revoked_at is not None
