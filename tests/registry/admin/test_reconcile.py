"""The page that checks the stores and mends them."""

import threading
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from registry.documents.connection import collection
from registry.models import ReconcileReport, TrainingRun
from registry.services.experiments import create_experiment
from registry.services.runs import start_run
from registry.sync.reconcile.service import reconcile
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "admin:registry_reconcilereport_changelist"
RUN = "admin:registry_reconcilereport_run"


@pytest.fixture(autouse=True)
def run(mongo: Any, redis_keys: None) -> TrainingRun:
    """A run whose body is gone from MongoDB."""
    create_experiment(name="e")
    made = start_run(experiment="e", run_id="1f" * 16)
    collection("runs").delete_one({"_id": made.run_id})
    return made


def page(client: Client) -> str:
    response = client.get(reverse(PAGE))
    assert response.status_code == 200
    return response.content.decode()


def test_before_the_first_check_the_page_says_so(admin_client: Client) -> None:
    assert "Nothing has been checked yet." in page(admin_client)


def test_a_check_shows_what_has_come_apart_with_links(admin_client: Client, run: TrainingRun) -> None:
    answer = admin_client.post(reverse(RUN), {"action": "check"})
    assert (answer.status_code, answer["Location"]) == (302, reverse(PAGE))
    text = page(admin_client)
    assert "1 found, 0 mended" in text
    assert 'title="1f: 1"' in text
    assert reverse("analysis:run-detail", args=[run.run_id]) in text
    report = ReconcileReport.objects.get()
    assert (report.found, report.created_by.username) == (1, "admin")


def test_mending_brings_the_body_back(admin_client: Client, run: TrainingRun) -> None:
    admin_client.post(reverse(RUN), {"action": "repair"})
    assert "1 found, 1 mended" in page(admin_client)
    assert collection("runs").count_documents({"_id": run.run_id}) == 1
    report = ReconcileReport.objects.get()
    old = admin_client.get(reverse("admin:registry_reconcilereport_change", args=[report.pk]))
    assert "1 found, 1 mended" in old.content.decode()


def test_without_a_choice_nothing_is_done(admin_client: Client) -> None:
    answer = admin_client.post(reverse(RUN), follow=True)
    assert "Choose whether to check" in answer.content.decode()
    assert not ReconcileReport.objects.exists()


def test_who_may_see_reports_may_not_run_a_check(client: Client) -> None:
    reader = UserFactory.create(is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_reconcilereport"))
    client.force_login(reader)
    assert "Check and mend" not in page(client)
    assert client.post(reverse(RUN), {"action": "check"}).status_code == 403
    reader.user_permissions.add(Permission.objects.get(codename="run_reconcile"))
    assert "Check and mend" in page(client)
    assert client.post(reverse(RUN), {"action": "check"}).status_code == 302


def test_while_one_is_at_work_the_page_loads_again_and_starts_no_other(admin_client: Client) -> None:
    started, stop = threading.Event(), threading.Event()
    thread = threading.Thread(target=hold, args=(started, stop))
    thread.start()
    assert started.wait(60)
    response = admin_client.get(reverse(PAGE))
    assert (response["Refresh"], "A check is at work" in response.content.decode()) == ("2", True)
    refused = admin_client.post(reverse(RUN), {"action": "check"}, follow=True)
    assert "at work already" in refused.content.decode()
    stop.set()
    thread.join()
    assert "Refresh" not in admin_client.get(reverse(PAGE))
    assert "broken off" in page(admin_client)


def hold(started: threading.Event, stop: threading.Event) -> None:
    """A reconcile that goes no further than its first step."""
    from django.db import connection  # noqa: PLC0415 (this thread's own)

    steps = reconcile()
    try:
        next(steps)
        started.set()
        stop.wait(60)
        steps.close()
    finally:
        connection.close()
