"""Promising messages in the transaction that causes them: one statement for any number.

A message, a delivery for each queue that it reaches, and the outbox's row commit with the change, or
not at all. The relay publishes them; nobody else does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from registry.crash_points import crash_point
from registry.enums import DeliveryState, OutboxTarget
from registry.fields import new_hex_id
from registry.models.message import HIGHEST, LOWEST
from registry.sync.wakeup import wake_relay

from .bodies import packed
from .owed import FIRST
from .registering import TASKS
from .topology import Exchanges, Queues, queues_for

# In the order of their keys, so that two who promise the same do not wait for each other; owed as given.
PROMISE = f"""
WITH given AS (
    SELECT * FROM unnest(%(ids)s::uuid[], %(exchanges)s::text[], %(routing_keys)s::text[],
        %(headers)s::jsonb[], %(names)s::text[], %(keys)s::text[], %(bodies)s::bytea[],
        %(encodings)s::text[], %(priorities)s::int2[]) WITH ORDINALITY
    AS each (message_id, exchange, routing_key, headers, name, key, body, encoding, priority, place)
), made AS (
    INSERT INTO registry_message
        (message_id, exchange, routing_key, headers, name, key, body, encoding, priority)
    SELECT message_id, exchange, routing_key, headers, name, key, body, encoding, priority FROM given
    ORDER BY name, key, place
    ON CONFLICT (name, key) WHERE key <> '' DO NOTHING
    RETURNING id, message_id
), delivered AS (
    INSERT INTO registry_delivery
        (message_id, queue, state, publishes, attempts, next_at, last_error, reason)
    SELECT made.id, owed.queue, '{DeliveryState.WAITING.value}', 0, 0,
        now() + make_interval(secs => %(delay)s), '', ''
    FROM made JOIN unnest(%(owed_ids)s::uuid[], %(owed_queues)s::text[]) AS owed (message_id, queue)
        USING (message_id)
), owing AS (
    INSERT INTO registry_outboxentry
        (target, topic, aggregate_id, document_id, aggregate_version, attempts, status, next_at, last_error)
    SELECT {OutboxTarget.CELERY.value}, '{FIRST}', replace(message_id::text, '-', ''), '', 0, 0, 0,
        now() + make_interval(secs => %(delay)s), ''
    FROM made JOIN given USING (message_id) ORDER BY place
)
SELECT replace(message_id::text, '-', '') FROM made
"""  # noqa: S608 (made of constants)
KNOWN = """
SELECT m.name, m.key, replace(m.message_id::text, '-', '') FROM registry_message m
JOIN unnest(%(names)s::text[], %(keys)s::text[]) AS asked (name, key)
    ON m.name = asked.name AND m.key = asked.key AND m.key <> ''
"""


@dataclass(frozen=True)
class Promised:
    """A message as it is promised."""

    name: str
    body: Any
    exchange: Exchanges
    routing_key: str = ""
    headers: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""
    priority: int = 5
    message_id: str = field(default_factory=new_hex_id)


def promise_task(
    name: str, *, key: str = "", priority: int = 5, delay_seconds: float = 0, **arguments: Any
) -> str:
    """Promise that a task runs with these arguments once this transaction is committed.

    Args:
        name: as it was registered with :func:`task`.
        key: the same name and key again is the same task, not another one.
        priority: 0 to 9, 9 first; the queue ``requests`` observes it on every broker.
        delay_seconds: not before that; it waits in PostgreSQL, not in the broker.

    Returns:
        The message's id: 32 hexadecimal characters; of the one that was promised first under the key.

    Raises:
        RuntimeError: no transaction is open.
        ValueError: no such task, or no such priority.
        BadInputError: the arguments are too big, or no JSON.
    """
    return promise([_as_task(name, arguments, key, priority)], delay_seconds=delay_seconds)[0]


def promise_tasks(
    name: str, arguments: Sequence[Mapping[str, Any]], *, keys: Sequence[str] = (), priority: int = 5
) -> list[str]:
    """Promise one task many times; see :func:`promise_task`.

    Args:
        keys: one for each, or none at all.
    """
    named = keys or [""] * len(arguments)
    return promise([_as_task(name, each, key, priority) for each, key in zip(arguments, named, strict=True)])


def promise_message(
    exchange: Exchanges,
    *,
    routing_key: str = "",
    headers: Mapping[str, Any] | None = None,
    body: Any,
    name: str,
    key: str = "",
) -> str:
    """Promise a message to every queue that its exchange routes it to.

    Args:
        exchange: ``events`` (by routing key) or ``alerts`` (by headers).
        name: the kind of fact it tells.
        key: the same name and key again is the same message, not another one.

    Returns:
        Its id: 32 hexadecimal characters.

    Raises:
        RuntimeError: no transaction is open.
        ValueError: it reaches no queue.
        BadInputError: the body is too big, or no JSON.
    """
    return promise([Promised(name, body, exchange, routing_key, headers or {}, key)])[0]


def promise(messages: Sequence[Promised], *, delay_seconds: float = 0) -> list[str]:
    """Promise messages of any kind, in order; returns the id of each.

    Raises:
        RuntimeError: no transaction is open.
        ValueError: one reaches no queue.
        BadInputError: a body is too big, or no JSON.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("Promise a message inside the transaction that makes the change.")
    fresh = _once_a_key(messages)
    if not fresh:
        return []
    with connection.cursor() as cursor:
        cursor.execute(PROMISE, _values(fresh, delay_seconds))
        made = {message_id for (message_id,) in cursor.fetchall()}
    crash_point("promise.before_commit")
    # robust: the change is committed; a relay that is not woken comes by itself
    transaction.on_commit(wake_relay, robust=True)
    return _ids(messages, fresh, made)


def _as_task(name: str, arguments: Mapping[str, Any], key: str, priority: int) -> Promised:
    if name not in TASKS:
        raise ValueError(f"There is no task {name!r}. There are: {', '.join(sorted(TASKS))}.")
    if not LOWEST <= priority <= HIGHEST:
        raise ValueError(f"A priority is {LOWEST} to {HIGHEST}, not {priority}.")
    return Promised(
        name, dict(arguments), Exchanges.TASKS, TASKS[name].queue.value, key=key, priority=priority
    )


def _once_a_key(messages: Sequence[Promised]) -> list[Promised]:
    """Without those that repeat a key of an earlier one."""
    first: dict[tuple[str, str], Promised] = {}
    for each in messages:
        first.setdefault((each.name, each.key or each.message_id), each)
    return list(first.values())


def _values(messages: Sequence[Promised], delay_seconds: float) -> dict[str, Any]:
    owed = [(each.message_id, queue.value) for each in messages for queue in _queues(each)]
    bodies = [packed(each.body) for each in messages]
    return {
        "ids": [each.message_id for each in messages],
        "exchanges": [each.exchange.value for each in messages],
        "routing_keys": [each.routing_key for each in messages],
        "headers": [packed(dict(each.headers), may_pack=False)[0].decode() for each in messages],
        "names": [each.name for each in messages],
        "keys": [each.key for each in messages],
        "bodies": [body for body, _ in bodies],
        "encodings": [encoding for _, encoding in bodies],
        "priorities": [each.priority for each in messages],
        "owed_ids": [message_id for message_id, _ in owed],
        "owed_queues": [queue for _, queue in owed],
        "delay": float(delay_seconds),
    }


def _queues(message: Promised) -> list[Queues]:
    found = queues_for(message.exchange, message.routing_key, message.headers)
    if not found:
        way = f"of {message.exchange} by {message.routing_key!r}"
        raise ValueError(f"{message.name!r} reaches no queue {way}.")
    return found


def _ids(messages: Sequence[Promised], fresh: Sequence[Promised], made: set[str]) -> list[str]:
    """The id of each message; of those that were promised before, the id that they got then."""
    known = {(each.name, each.key): each.message_id for each in fresh if each.key}
    before = [each for each in fresh if each.message_id not in made]
    if before:
        names, keys = [each.name for each in before], [each.key for each in before]
        with connection.cursor() as cursor:
            cursor.execute(KNOWN, {"names": names, "keys": keys})
            known |= {(name, key): message_id for name, key, message_id in cursor.fetchall()}
    return [known[each.name, each.key] if each.key else each.message_id for each in messages]
