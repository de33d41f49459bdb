import pytest
from django.contrib.messages import get_messages
from django.db import transaction
from django.test import Client
from django.urls import reverse

from registry.enums import OutboxStatus, SagaState
from registry.models import OutboxEntry, Saga
from registry.services.purges import PURGE_RUN
from registry.services.runs import start_run
from registry.sync import saga_engine
from tests.factories import ExperimentFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo", "redis_keys")]


def act(client: Client, name: str, action: str, pk: int) -> str:
    data = {"action": action, "_selected_action": [pk]}
    response = client.post(reverse(f"admin:registry_{name}_changelist"), data)
    return [str(message) for message in get_messages(response.wsgi_request)][-1]


def test_a_parked_entry_can_be_made_due_again(admin_client: Client) -> None:
    kept = [
        OutboxEntry.objects.create(
            topic="runs", aggregate_id="a" * 32, aggregate_version=1, status=OutboxStatus.PARKED
        )
        for _ in range(2)
    ]
    assert act(admin_client, "outboxentry", "retry", kept[0].pk) == (
        "1 parked entries are due again; the relay takes them on."
    )
    assert set(OutboxEntry.objects.values_list("pk", "status")) == {(kept[0].pk, 0), (kept[1].pk, 2)}


def test_a_saga_can_be_taken_on_or_aborted(admin_client: Client) -> None:
    run = start_run(experiment=ExperimentFactory().name)
    with transaction.atomic():
        saga = saga_engine.begin(PURGE_RUN, aggregate_id=run.run_id)
    assert act(admin_client, "saga", "abort", saga.pk) == f"run.purge {saga.saga_id[:8]}: compensated."
    assert act(admin_client, "saga", "abort", saga.pk) == "The saga has ended (compensated)."
    with transaction.atomic():
        again = saga_engine.begin(PURGE_RUN, aggregate_id=run.run_id)
    assert act(admin_client, "saga", "resume", again.pk) == f"run.purge {again.saga_id[:8]}: done."
    assert set(Saga.objects.values_list("state", flat=True)) == {SagaState.COMPENSATED, SagaState.DONE}
