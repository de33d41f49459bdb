"""One process of the message rounds: ``python -m tests.chaos.messaging_process worker|consume|relay|…``."""

import json
import os
import sys
import time
from collections.abc import Sequence
from itertools import cycle, islice
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mlplatform_site.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from registry.enums import OPEN_DELIVERIES, OutboxTarget  # noqa: E402
from registry.management.commands import relay_outbox  # noqa: E402
from registry.messaging import (  # noqa: E402
    Exchanges,
    Queues,
    Received,
    consumer,
    promise_task,
    promise_tasks,
    task,
)
from registry.messaging.owed import FIRST  # noqa: E402
from registry.messaging.promising import Promised, promise  # noqa: E402
from registry.messaging.registering import CONSUMERS  # noqa: E402
from registry.messaging.sweeping import sweep  # noqa: E402
from registry.models import Message  # noqa: E402
from registry.sync.targets import TARGETS, Entry  # noqa: E402
from tests.working import put  # noqa: E402

PIECE = 1_000
EFFECT = "INSERT INTO chaos_effect (mark, pid) SELECT mark, %s FROM unnest(%s::text[]) AS mark"
# The product's own consumer of this queue is not what these rounds are about.
CONSUMERS.pop(Queues.ALERTS_KEPT, None)


@task("chaos.count", queue=Queues.MAINTENANCE)
def count(*, mark: str, seconds: float = 0.0) -> None:
    """Leave one row, after a while."""
    _leave([mark])
    time.sleep(seconds)


@task("chaos.request", queue=Queues.REQUESTS)
def request(*, mark: str, seconds: float = 0.0) -> None:
    """The same, in the queue that observes priorities."""
    count(mark=mark, seconds=seconds)


@task("chaos.poison", queue=Queues.MAINTENANCE, max_attempts=3)
def poison(*, mark: str) -> None:
    """End the process that runs it, as a segmentation fault would."""
    _leave([mark])
    os._exit(1)


@consumer(Queues.ALERTS_KEPT, batch=100)
def slowly(messages: Sequence[Received]) -> None:
    """A batch takes its time."""
    _leave([each.body["mark"] for each in messages])
    time.sleep(0.05)


def _leave(keys: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(EFFECT, [os.getpid(), keys])


def promise_many(name: str, count: str, seconds: str = "0") -> None:
    """So many tasks, keyed by number; promised in pieces."""
    keys = [f"{name}-{number}" for number in range(int(count))]
    for start in range(0, len(keys), PIECE):
        piece = keys[start : start + PIECE]
        arguments: list[dict[str, Any]] = [{"mark": key} for key in piece]
        if float(seconds):
            arguments = [{**each, "seconds": float(seconds)} for each in arguments]
        with transaction.atomic():
            promise_tasks(name, arguments, keys=piece)


def promise_events(count: str) -> None:
    """So many messages for the slow consumer alone."""
    for start in range(0, int(count), PIECE):
        with transaction.atomic():
            promise(
                [
                    Promised(
                        "chaos.event",
                        {"mark": f"event-{number}"},
                        Exchanges.ALERTS,
                        "",
                        key=f"e{number}",
                    )
                    for number in range(start, min(start + PIECE, int(count)))
                ]
            )


def promise_by_priority(count: str) -> None:
    """So many at 0, then as many at 9."""
    for priority in (0, 9):
        with transaction.atomic():
            for number in range(int(count)):
                key = f"p{priority}-{number}"
                promise_task("chaos.request", key=key, priority=priority, mark=key)


def work() -> None:
    """A worker as the product starts it, with these tasks beside its own."""
    from registry.messaging.celery_app import make_app  # noqa: PLC0415 (the tasks are registered by now)

    make_app().worker_main(["worker", "--loglevel", "WARNING"])


def relay(patience: str = "60") -> None:
    """The relay, whose sweep may be less patient than the product's."""
    sweep.__kwdefaults__ = {"patience_seconds": float(patience)}
    relay_outbox.SWEEP_SECONDS = min(float(patience), relay_outbox.SWEEP_SECONDS)
    call_command("relay_outbox")


def publish_again(times: str = "1") -> None:
    """Everything that is open, published so often again beside the relay."""
    ids = [each.message_id for each in Message.objects.filter(deliveries__state__in=OPEN_DELIVERIES)]
    entries = [Entry(0, OutboxTarget.CELERY, FIRST, each, "", 0, 1) for each in ids]
    for start in list(range(0, len(entries), PIECE)) * int(times):
        TARGETS[OutboxTarget.CELERY].apply(entries[start : start + PIECE], seconds=30)


def garbage(count: str) -> None:
    """So many messages that nobody can do, straight into a queue of tasks."""
    strange = (b"rubbish{", "0" * 32), (b"[[], null, {}]", "0" * 32), (b"[[], {}, {}]", "x")
    for body, message_id in islice(cycle(strange), int(count)):
        put(Queues.MAINTENANCE, body, {"task": "chaos.count", "id": message_id})


def steps() -> None:
    """Steps one after the other, as they come in: a process for each would take seconds to start."""
    for line in sys.stdin:
        name, *words = json.loads(line)
        STEPS[name](*words)
        sys.stdout.write("done\n")
        sys.stdout.flush()


STEPS = {
    "promise": promise_many,
    "priorities": promise_by_priority,
    "events": promise_events,
    "garbage": garbage,
    "publish": publish_again,
    "steps": steps,
    "worker": work,
    "relay": relay,
    "consume": lambda: call_command("consume", "--queue", "alerts.kept"),
}


if __name__ == "__main__":
    STEPS[sys.argv[1]](*sys.argv[2:])
