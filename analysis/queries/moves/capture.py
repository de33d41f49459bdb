"""Change capture as the page shows it: a card a consumer."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from registry.documents.store import at_most
from registry.sync.capture.connection import slot_name
from registry.sync.capture.consumers import CONSUMERS
from registry.sync.capture.coverage import Coverage, coverage
from registry.sync.capture.slots import SlotState, slot_states
from registry.sync.capture.status import CaptureStatus, capture_statuses
from registry.sync.targets import TargetUnavailableError

DOCUMENTS = "documents"
STORE_SECONDS = 2.0
SLIVER = 0.008
WORDS = {
    "running": "at work",
    "copying": "copying",
    "stopped": "not running",
    "away": "store away",
    "lost": "lost",
    "missing": "slot missing",
    "off": "not set up",
}
"""A consumer's state as its chip says it."""


@dataclass(frozen=True, slots=True)
class ConsumerCard:
    """One consumer.

    Attributes:
        bound_bytes: of PostgreSQL's log, beyond which the slot is lost; None where there is no bound.
        share: of the bound that is used up, 0 to 1.
        coverage: of the documents; None elsewhere, and where MongoDB is away.
    """

    status: CaptureStatus
    title: str
    word: str
    applied_at: dt.datetime | None
    bound_bytes: int | None
    share: float
    coverage: Coverage | None

    @property
    def drawn_share(self) -> float:
        """The share as a bar shows it: however small, it is seen."""
        return max(self.share, SLIVER) if self.share else 0.0

    @property
    def store(self) -> str:
        """Which store's colour it has."""
        return "mongodb" if self.status.consumer == DOCUMENTS else "redis-cache"


def consumer_cards() -> list[ConsumerCard]:
    """All consumers (one statement, and some reads of each one's store; never raises for a store).

    MongoDB's reads take 2 s together at most.
    """
    with at_most(STORE_SECONDS):
        return [_card(status) for status in capture_statuses()]


def capture_line() -> list[tuple[str, str, int | None]]:
    """Title, state and bytes not confirmed of each consumer, by PostgreSQL alone (one statement)."""
    slots = slot_states([slot_name(name) for name in CONSUMERS])
    return [_line(each.title, slots.get(slot_name(name))) for name, each in CONSUMERS.items()]


def _line(title: str, slot: SlotState | None) -> tuple[str, str, int | None]:
    if slot is None:
        return title, WORDS["off"], None
    return title, WORDS[slot.state], slot.lag


def _card(status: CaptureStatus) -> ConsumerCard:
    bound, share = None, 0.0
    if status.retained_bytes is not None and status.room_bytes is not None:
        bound = status.retained_bytes + status.room_bytes
        share = status.retained_bytes / bound if bound else 1.0
    applied = None
    if status.lag_seconds is not None:
        applied = timezone.now() - dt.timedelta(seconds=status.lag_seconds)
    return ConsumerCard(
        status=status,
        title=CONSUMERS[status.consumer].title,
        word=WORDS[status.state],
        applied_at=applied,
        bound_bytes=bound,
        share=share,
        coverage=_coverage(status),
    )


def _coverage(status: CaptureStatus) -> Coverage | None:
    if status.consumer != DOCUMENTS or status.state == "away":
        return None
    try:
        return coverage(status.consumer)
    except TargetUnavailableError:
        return None
