"""Staff with every right of the admin see and change what they may in each experiment, no more."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from registry.models import AuditEntry, Experiment, ExperimentPermission, SavedView, TrainingRun
from registry.services.experiments import create_experiment
from registry.services.permissions import grant_permission
from registry.services.runs import start_run
from tests.factories import (
    ArtifactFactory,
    ExperimentFactory,
    LoggedModelFactory,
    MetricFactory,
    ModelVersionFactory,
    RunFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    user = UserFactory.create(username="ada", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="registry"))
    return user


@pytest.fixture
def staff(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client


def give(ada: User, experiment: Experiment, level: str) -> None:
    grant_permission(experiment=experiment, user=ada, level=level, by=None)


def hidden_run(ada: User) -> TrainingRun:
    run = RunFactory.create(name="a secret run", experiment__name="secret experiment")
    give(ada, run.experiment, "NO_PERMISSIONS")
    return run


@pytest.mark.parametrize(
    "name",
    [
        "trainingrun", "experiment", "metric", "artifact", "experimentpermission", "loggedmodel", "modelversion",
    ],
)  # fmt: skip
def test_what_is_hidden_is_in_no_list_and_no_form(staff: Client, ada: User, name: str) -> None:
    run = hidden_run(ada)
    keys = {
        "trainingrun": run.pk,
        "experiment": run.experiment.pk,
        "metric": MetricFactory.create(run=run, key="secret metric").pk,
        "artifact": ArtifactFactory.create(run=run, path="secret.txt").pk,
        "experimentpermission": ExperimentPermission.objects.get().pk,
        "loggedmodel": (model := LoggedModelFactory.create(source_run=run, name="secret model")).pk,
        "modelversion": ModelVersionFactory.create(run=None, logged_model=model, artifact_path="secret").pk,
    }
    ArtifactFactory.create(run=None, logged_model=model, path="secret.bin")
    page = staff.get(reverse(f"admin:registry_{name}_changelist"))
    assert page.status_code == 200
    assert "secret" not in page.content.decode()
    assert staff.get(reverse(f"admin:registry_{name}_change", args=[keys[name]])).status_code == 302
    assert staff.get(reverse(f"admin:registry_{name}_history", args=[keys[name]])).status_code == 302


def test_private_views_of_others_are_their_owners_and_superusers_alone(
    staff: Client, ada: User, admin_client: Client
) -> None:
    eve = UserFactory.create()
    for owner, name, is_shared in ((ada, "own", False), (eve, "shared", True), (eve, "private", False)):
        SavedView.objects.create(owner=owner, name=name, query="q=x", is_shared=is_shared)
    views, private = reverse("admin:registry_savedview_changelist"), SavedView.objects.get(name="private")
    one = reverse("admin:registry_savedview_change", args=[private.pk])
    assert [row.name for row in staff.get(views).context["cl"].result_list] == ["shared", "own"]
    assert staff.get(one).status_code == 302
    assert len(admin_client.get(views).context["cl"].result_list) == 3


def test_a_hidden_metric_has_no_points_and_a_hidden_experiment_no_autocompletion(
    staff: Client, ada: User
) -> None:
    metric = MetricFactory.create(run=hidden_run(ada))
    assert staff.get(reverse("admin:registry_metric_points", args=[metric.pk])).status_code == 404
    asked = {"app_label": "registry", "model_name": "experimentpermission", "field_name": "experiment"}
    assert staff.get(reverse("admin:autocomplete"), asked).json()["results"] == []


@pytest.mark.django_db(transaction=True)
def test_hidden_documents_are_in_no_list_and_can_t_be_opened(staff: Client, ada: User, mongo: None) -> None:
    for name in ("secret", "open"):
        create_experiment(name=name)
        start_run(experiment=name, name=f"run of {name}")
    experiment, run = Experiment.objects.get(name="secret"), TrainingRun.objects.get(name="run of secret")
    addresses = {
        "rundocument": run.run_id,
        "experimentdocument": experiment.experiment_id,
    }
    for name, key in addresses.items():
        assert "secret" in staff.get(reverse(f"admin:registry_{name}_changelist")).content.decode()
        assert staff.get(reverse(f"admin:registry_{name}_change", args=[key])).status_code == 200
    give(ada, experiment, "NO_PERMISSIONS")
    for name, key in addresses.items():
        page = staff.get(reverse(f"admin:registry_{name}_changelist")).content.decode()
        assert ("secret" in page, "open" in page) == (False, True)
        assert staff.get(reverse(f"admin:registry_{name}_change", args=[key])).status_code == 404
        assert staff.get(reverse(f"admin:registry_{name}_json", args=[key])).status_code == 404


def archive(staff: Client, run: TrainingRun) -> Any:
    data = {"action": "archive", "_selected_action": [run.pk]}
    return staff.post(reverse("admin:registry_trainingrun_changelist"), data, follow=True)


def test_a_run_is_archived_by_those_who_may_edit_it(staff: Client, ada: User, mongo: None) -> None:
    run = RunFactory.create(experiment__name="e")
    page = archive(staff, run).content.decode()
    assert "You have READ in the experiment" in page
    assert TrainingRun.objects.get().lifecycle == "active"
    give(ada, run.experiment, "EDIT")
    archive(staff, run)
    assert TrainingRun.objects.get().lifecycle == "deleted"
    entry = AuditEntry.objects.filter(subject_id=run.run_id).latest("id")
    assert (entry.username, entry.channel) == ("ada", "web")


def save(staff: Client, experiment: Experiment, **changes: Any) -> int:
    data = {
        "description": "new", "permissions-TOTAL_FORMS": 0, "permissions-INITIAL_FORMS": 0, **changes,
    }  # fmt: skip
    return staff.post(reverse("admin:registry_experiment_change", args=[experiment.pk]), data).status_code


def test_an_experiment_is_described_by_those_who_may_edit_it(staff: Client, ada: User) -> None:
    experiment = ExperimentFactory.create()
    assert save(staff, experiment) == 403
    give(ada, experiment, "EDIT")
    assert save(staff, experiment) == 302
    assert Experiment.objects.get().description == "new"


def test_levels_are_given_moved_and_taken_by_those_who_manage(staff: Client, ada: User) -> None:
    experiment = ExperimentFactory.create()
    eve, joe = UserFactory.create(username="eve"), UserFactory.create(username="joe")
    one = {"permissions-TOTAL_FORMS": 1, "permissions-0-user": eve.pk, "permissions-0-level": "EDIT"}
    give(ada, experiment, "EDIT")
    save(staff, experiment, **one)
    assert not ExperimentPermission.objects.filter(user=eve).exists()
    ExperimentPermission.objects.all().delete()
    Experiment.objects.update(created_by=ada)
    assert save(staff, experiment, **one) == 302
    row = ExperimentPermission.objects.get()
    assert (row.user, row.level) == (eve, "EDIT")
    there = {**one, "permissions-INITIAL_FORMS": 1, "permissions-0-id": row.pk}
    save(staff, experiment, **{**there, "permissions-0-user": joe.pk})
    row = ExperimentPermission.objects.get()
    assert (row.user, row.level) == (joe, "EDIT")
    save(staff, experiment, **{**there, "permissions-0-id": row.pk, "permissions-0-user": joe.pk, "permissions-0-DELETE": "on"})  # fmt: skip
    assert ExperimentPermission.objects.count() == 0
    recorded = AuditEntry.objects.filter(action__startswith="permission", username="ada").order_by("id")
    assert [(each.action, each.details["user"]) for each in recorded] == [
        ("permission.grant", "eve"), ("permission.revoke", "eve"), ("permission.grant", "joe"),
        ("permission.revoke", "joe"),
    ]  # fmt: skip


def test_a_level_s_own_form_asks_the_same_rule(staff: Client, ada: User) -> None:
    experiment, eve = ExperimentFactory.create(), UserFactory.create(username="eve")
    data = {"experiment": experiment.pk, "user": eve.pk, "level": "EDIT"}
    add = reverse("admin:registry_experimentpermission_add")
    assert staff.post(add, data).status_code == 403
    assert ExperimentPermission.objects.count() == 0
    give(ada, experiment, "MANAGE")
    assert staff.post(add, data).status_code == 302
    row = ExperimentPermission.objects.get(user=eve)
    change = reverse("admin:registry_experimentpermission_change", args=[row.pk])
    assert staff.post(change, {"level": "READ"}).status_code == 302
    assert ExperimentPermission.objects.get(user=eve).level == "READ"
    listed = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    staff.post(reverse("admin:registry_experimentpermission_changelist"), listed)
    assert not ExperimentPermission.objects.filter(user=eve).exists()


def test_permissions_cost_a_list_no_statement(client: Client, staff: Client, ada: User) -> None:
    address = reverse("admin:registry_trainingrun_changelist")
    RunFactory.create_batch(3)
    staff.get(address)
    with CaptureQueriesContext(connection) as before:
        staff.get(address)
    hidden_run(ada)
    with CaptureQueriesContext(connection) as after:
        staff.get(address)
    assert len(after) == len(before)
