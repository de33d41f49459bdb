"""What the outbox's rows stand for: messages, and the queues that each is owed to still."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from django.db import connection

from registry.enums import OPEN_DELIVERIES, DeliveryState, OutboxTarget
from registry.sync.targets import Entry

FIRST, AGAIN = "message", "delivery"
"""Topics: a message for the first time, to all of its queues; or again to one, the row's ``document_id``."""
OPEN = ", ".join(f"'{each}'" for each in OPEN_DELIVERIES)
CLOSED = ", ".join(f"'{each}'" for each in DeliveryState if each not in OPEN_DELIVERIES)
"""Who looks up deliveries by id asks for those that are not closed: "open" would also fit the index of the
open ones, which the planner takes for empty while the statistics are of before, and reads from end to end."""

# Ends a statement of which ``again`` are deliveries: message_id, queue, next_at. The oldest goes first, in
# whatever order a join or RETURNING has them.
OWE_AGAIN = f"""
INSERT INTO registry_outboxentry
    (target, topic, aggregate_id, document_id, aggregate_version, attempts, status, next_at, last_error)
SELECT {OutboxTarget.CELERY.value}, '{AGAIN}', replace(m.message_id::text, '-', ''), again.queue, 0, 0, 0,
    again.next_at, ''
FROM again JOIN registry_message m ON m.id = again.message_id ORDER BY m.id
"""  # noqa: S608 (made of constants)
# The open delivery of each ``named`` (message_id, queue), locked; what somebody works on is left out. Each by
# its indexes, not by a join: on tables that were just filled, that was a loop over all of them.
MINE = f"""LATERAL (
    SELECT d.id FROM registry_delivery d
    WHERE d.message_id = (SELECT m.id FROM registry_message m WHERE m.message_id = named.message_id)
      AND d.queue = named.queue AND d.state NOT IN ({CLOSED})
    FOR UPDATE SKIP LOCKED
) AS mine"""  # noqa: S608 (made of constants)

# Only what is open still: what was done or dropped since it was owed is owed no more. By LATERAL, so that it
# begins with these messages, whatever the planner believes of tables that were just filled.
OWED = f"""
SELECT replace(m.message_id::text, '-', ''), m.exchange, m.routing_key, m.headers::text, m.name, m.body,
    m.encoding, m.priority, owed.queues
FROM registry_message m, LATERAL (
    SELECT array_agg(d.queue ORDER BY d.id) AS queues FROM registry_delivery d
    WHERE d.message_id = m.id AND d.state NOT IN ({CLOSED}) AND d.next_at <= now()
) AS owed
WHERE m.message_id = ANY(%s::uuid[]) AND owed.queues IS NOT NULL
"""  # noqa: S608 (made of constants)


class Kept(NamedTuple):
    """A message as PostgreSQL has it."""

    message_id: str
    exchange: str
    routing_key: str
    headers: dict[str, Any]
    name: str
    body: bytes
    encoding: str
    priority: int


@dataclass
class Owed:
    """A message, and the queues to publish it to."""

    message: Kept
    queues: list[str] = field(default_factory=list)


def owed(entries: Sequence[Entry]) -> list[Owed]:
    """What is to be published for these rows, in their order, each message once."""
    open_queues: dict[str, list[str]] = {}
    found: dict[str, Owed] = {}
    with connection.cursor() as cursor:
        cursor.execute(OWED, [[entry.aggregate_id for entry in entries]])
        for message_id, exchange, routing_key, headers, name, body, *rest, queues in cursor.fetchall():
            kept = Kept(message_id, exchange, routing_key, orjson.loads(headers), name, bytes(body), *rest)
            found[message_id], open_queues[message_id] = Owed(kept), queues
    for entry in entries:
        each = found.get(entry.aggregate_id)
        if each is None:
            continue
        if entry.topic == FIRST:
            each.queues = open_queues[entry.aggregate_id]
        elif entry.document_id in open_queues[entry.aggregate_id] and entry.document_id not in each.queues:
            each.queues.append(entry.document_id)
    return [
        found[each]
        for each in dict.fromkeys(entry.aggregate_id for entry in entries)
        if each in found and found[each].queues
    ]
