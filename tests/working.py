"""Doing what waits in queues, in this process, by the product's own code."""

from functools import partial
from itertools import islice
from typing import Any

from django.conf import settings
from django.db import connection

from registry.enums import OPEN_DELIVERIES, OutboxTarget
from registry.messaging import Queues
from registry.messaging.batches import Tally
from registry.messaging.broker import connection as broker_connection
from registry.messaging.broker import on_broker
from registry.messaging.entities import declare
from registry.messaging.entities import queue as declared
from registry.messaging.receiving import handle
from registry.models import Delivery
from registry.sync.relay import relay_once

HURRY = """
WITH early AS (UPDATE registry_delivery SET next_at = now() WHERE state = 'waiting' AND next_at > now())
UPDATE registry_outboxentry SET next_at = now() WHERE target = 3 AND next_at > now()
"""


def empty_the_broker() -> None:
    """Purge every queue of this process's prefix."""
    assert settings.BROKER_PREFIX.endswith("_test")
    with broker_connection() as broker:
        declare(broker)
        for name in Queues:
            declared(name).bind(broker.default_channel).purge()


def with_messages() -> list[Queues]:
    """The queues to which something is owed."""
    is_open = Delivery.objects.filter(state__in=OPEN_DELIVERIES).order_by()
    owed = set(is_open.values_list("queue", flat=True).distinct())
    return [name for name in Queues if name in owed]


def publish(*, is_early: bool = False) -> None:
    """Let the relay publish what is due; ``is_early``: what is to wait, too."""
    if is_early:
        with connection.cursor() as cursor:
            cursor.execute(HURRY)
    while relay_once(OutboxTarget.CELERY):
        pass


def put(
    queue: Queues, body: bytes, headers: dict[str, Any], *, content_type: str = "application/json"
) -> None:
    """Straight into a queue, as a stranger would."""
    with broker_connection() as broker:
        broker.Producer().publish(
            body, routing_key=on_broker(queue), headers=headers,
            content_type=content_type, content_encoding="utf-8",
        )  # fmt: skip


def work(*queues: Queues, is_early: bool = False, batch: int = 100) -> Tally:
    """Publish what is owed and do what waits in these queues (all where none is named), until none does.

    Args:
        is_early: retries and delayed tasks do not wait for their time.
    """
    total = Tally()
    with broker_connection() as broker:
        declare(broker)
        is_busy = True
        while is_busy:
            publish(is_early=is_early)
            is_busy = False
            for name in queues or with_messages():
                waiting = declared(name).bind(broker.default_channel)
                while messages := list(islice(iter(partial(waiting.get, accept=["json"]), None), batch)):
                    is_busy = True
                    tally = handle(name, messages)
                    total.done += tally.done
                    total.failed += tally.failed
                    total.duplicate += tally.duplicate
    return total
