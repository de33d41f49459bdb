"""The queues as the page shows them."""

from dataclasses import dataclass

from registry.messaging.depths import QueueState, queue_states
from registry.messaging.topology import Queues

MANY = 1_000
PURPOSES = {
    Queues.ONBOARDING: "the steps of new customers",
    Queues.PERSONALISATION: "scores and recommendations",
    Queues.MAINTENANCE: "summaries, tidying up",
    Queues.REQUESTS: "what somebody waits for, the more urgent first",
    Queues.EVENTS_RAW: "every event, for MongoDB",
    Queues.EVENTS_COUNTERS: "every event, for the counters in Redis",
    Queues.EVENTS_ALERTS: "what the alert rules watch",
    Queues.ALERTS_KEPT: "every alert, for PostgreSQL",
    Queues.ALERTS_URGENT: "alerts that somebody is told at once",
    Queues.DEAD: "what the broker gave up on",
}


@dataclass(frozen=True, slots=True)
class QueueLine:
    """A queue, what it is for, and how it stands in a word."""

    state: QueueState
    purpose: str
    word: str


@dataclass(frozen=True, slots=True)
class QueueTable:
    """All queues; ``is_away`` where the broker did not answer, ``has_consumers`` where it counts them."""

    lines: list[QueueLine]
    is_away: bool
    has_consumers: bool
    dead: int


def queue_table() -> QueueTable:
    """One statement, and one question to the broker; never raises for the broker."""
    states = queue_states()
    return QueueTable(
        lines=[QueueLine(each, PURPOSES[Queues(each.name)], queue_word(each)) for each in states],
        is_away=all(each.depth is None for each in states),
        has_consumers=any(each.consumers is not None for each in states),
        dead=sum(each.dead for each in states),
    )


def queue_word(queue: QueueState) -> str:
    """``unknown`` where the broker is away, ``no consumer``, ``backed up``, ``at work`` or ``idle``."""
    if queue.depth is None:
        return "unknown"
    if not queue.open:
        return "idle"
    if queue.consumers == 0:
        return "no consumer"
    return "backed up" if queue.open >= MANY else "at work"
