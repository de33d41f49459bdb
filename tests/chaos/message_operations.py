"""What a child does for the tests of messages: promise, publish and work, and tell what is there."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from registry.messaging import Exchanges, Queues, Received, promise_message, promise_task, task
from registry.messaging.registering import CONSUMERS, ConsumerSpec
from registry.messaging.sweeping import sweep
from registry.models import Delivery, Experiment, Message, OutboxEntry
from tests.working import work

IN_A_BATCH = 3
failing = [False]


def _effect(mark: str, number: int) -> None:
    """A row more each time, so that one too many is seen."""
    Experiment.objects.create(name=f"{mark}/{number}/{Experiment.objects.count()}")
    if failing[0]:
        raise ValueError("Not this time.")


@task("chaos.effect", queue=Queues.MAINTENANCE)
def effect(*, mark: str) -> None:
    """One effect."""
    _effect(mark, 0)


def take(messages: Sequence[Received]) -> None:
    """An effect for each message."""
    for each in messages:
        _effect(each.body["mark"], each.body["number"])


def promise(*, kind: str, mark: str) -> None:
    """The same again is nothing new."""
    with transaction.atomic():
        if kind == "task":
            promise_task("chaos.effect", key=mark, mark=mark)
            return
        for number in range(IN_A_BATCH):
            body = {"mark": mark, "number": number}
            promise_message(
                Exchanges.ALERTS,
                headers={"severity": "urgent"},
                body=body,
                name="chaos",
                key=f"{mark}/{number}",
            )


def do_work(*, is_failing: bool = False) -> None:
    """Publish and do what is owed, also what a process that died left behind."""
    CONSUMERS[Queues.ALERTS_URGENT] = ConsumerSpec(Queues.ALERTS_URGENT, take, 100, 5)
    failing[0] = is_failing
    sweep(patience_seconds=0)
    work(Queues.MAINTENANCE, Queues.ALERTS_URGENT, is_early=not is_failing)


def told(*, mark: str) -> dict[str, Any]:
    """What became of it."""
    ours = Delivery.objects.filter(
        message__key__startswith=mark, queue__in=[Queues.MAINTENANCE, Queues.ALERTS_URGENT]
    )
    ids = Message.objects.filter(key__startswith=mark).values_list("message_id", flat=True)
    return {
        "states": sorted(ours.values_list("state", flat=True)),
        "effects": Experiment.objects.filter(name__startswith=f"{mark}/").count(),
        "owed": OutboxEntry.objects.filter(aggregate_id__in=list(ids)).count(),
    }


MESSAGE_OPERATIONS = {"message_promise": promise, "message_work": do_work, "message_told": told}
