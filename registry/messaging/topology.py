"""Every exchange and every queue, declared here and nowhere else.

RabbitMQ routes by the bindings. On Redis, whose transport knows no headers exchange and forgets its
bindings with its keys, a message goes straight to the queues that :func:`queues_for` names; a test
holds both to the same answer.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any


class Exchanges(StrEnum):
    """Where messages are published."""

    TASKS = "tasks"
    EVENTS = "events"
    ALERTS = "alerts"
    ANNOUNCEMENTS = "announcements"
    DEAD_LETTERS = "dead-letters"


class Queues(StrEnum):
    """Where messages wait."""

    ONBOARDING = "onboarding"
    PERSONALISATION = "personalisation"
    MAINTENANCE = "maintenance"
    REQUESTS = "requests"
    EVENTS_RAW = "events.raw"
    EVENTS_COUNTERS = "events.counters"
    EVENTS_ALERTS = "events.alerts"
    ALERTS_KEPT = "alerts.kept"
    ALERTS_URGENT = "alerts.urgent"
    DEAD = "dead"


EXCHANGE_TYPES = {
    Exchanges.TASKS: "direct",
    Exchanges.EVENTS: "topic",
    Exchanges.ALERTS: "headers",
    Exchanges.ANNOUNCEMENTS: "fanout",
    Exchanges.DEAD_LETTERS: "direct",
}
DELIVERY_LIMIT = 20
"""How often RabbitMQ brings a message back before it is a dead letter: more than any task's attempts."""


@dataclass(frozen=True)
class Binding:
    """What of an exchange reaches a queue: by routing key (with ``*`` and ``#``), or by headers."""

    exchange: Exchanges
    routing_key: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def matches(self, routing_key: str, headers: Mapping[str, Any]) -> bool:
        """Whether a message goes this way."""
        if EXCHANGE_TYPES[self.exchange] == "headers":
            return all(headers.get(name) == value for name, value in self.headers.items())
        if EXCHANGE_TYPES[self.exchange] == "topic":
            return bool(_pattern(self.routing_key).fullmatch(routing_key))
        return self.routing_key == routing_key


@dataclass(frozen=True)
class QueueSpec:
    """How a queue is declared; one with priorities is a classic queue, the others are quorum queues."""

    bindings: tuple[Binding, ...]
    is_priority: bool = False

    @property
    def arguments(self) -> dict[str, Any]:
        """RabbitMQ's own arguments."""
        dead = {
            "x-dead-letter-exchange": Exchanges.DEAD_LETTERS.value,
            "x-dead-letter-routing-key": Queues.DEAD.value,
        }
        if any(binding.exchange is Exchanges.DEAD_LETTERS for binding in self.bindings):
            return {"x-queue-type": "quorum"}
        if self.is_priority:  # quorum queues of RabbitMQ 3 have no priorities, classic ones no delivery limit
            return {"x-max-priority": 10, **dead}
        return {
            "x-queue-type": "quorum",
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
            **dead,
        }


def _task_queue(name: Queues, *, is_priority: bool = False) -> QueueSpec:
    return QueueSpec((Binding(Exchanges.TASKS, name),), is_priority)


QUEUES: dict[Queues, QueueSpec] = {
    Queues.ONBOARDING: _task_queue(Queues.ONBOARDING),
    Queues.PERSONALISATION: _task_queue(Queues.PERSONALISATION),
    Queues.MAINTENANCE: _task_queue(Queues.MAINTENANCE),
    # what people wait for: the more urgent overtakes
    Queues.REQUESTS: _task_queue(Queues.REQUESTS, is_priority=True),
    Queues.EVENTS_RAW: QueueSpec((Binding(Exchanges.EVENTS, "#"),)),
    Queues.EVENTS_COUNTERS: QueueSpec((Binding(Exchanges.EVENTS, "#"),)),
    Queues.EVENTS_ALERTS: QueueSpec(
        (
            Binding(Exchanges.EVENTS, "purchase.#"),
            Binding(Exchanges.EVENTS, "cart.#"),
            Binding(Exchanges.EVENTS, "signup.#"),
        )
    ),
    Queues.ALERTS_KEPT: QueueSpec((Binding(Exchanges.ALERTS),)),
    Queues.ALERTS_URGENT: QueueSpec((Binding(Exchanges.ALERTS, headers={"severity": "urgent"}),)),
    Queues.DEAD: QueueSpec((Binding(Exchanges.DEAD_LETTERS, Queues.DEAD),)),
}
TASK_QUEUES = tuple(
    name for name, spec in QUEUES.items() if any(each.exchange is Exchanges.TASKS for each in spec.bindings)
)


def queues_for(exchange: Exchanges, routing_key: str, headers: Mapping[str, Any]) -> list[Queues]:
    """The queues that a message of an exchange reaches, each once."""
    return [
        name
        for name, spec in QUEUES.items()
        if any(each.exchange is exchange and each.matches(routing_key, headers) for each in spec.bindings)
    ]


@cache
def _pattern(words: str) -> re.Pattern[str]:
    """AMQP's: ``*`` is one word, ``#`` any number of them, dots between."""
    expression = r"\.".join(
        {"*": r"[^.]*", "#": ".*"}.get(word, re.escape(word)) for word in words.split(".")
    )
    return re.compile(expression.replace(r"\..*", r"(?:\..*)?").replace(r".*\.", r"(?:.*\.)?"))
