"""The broker as a target of the outbox: what is owed to queues is published there by the relay.

One message never holds up the others: what can't be published is a dead letter, what the broker confirmed is
confirmed, and a batch is read piece by piece, so that big bodies do not fill the relay's memory.
"""

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from django.db import connection

from registry.crash_points import crash_point
from registry.enums import DeliveryState
from registry.sync.targets import Entry, Refusal, TargetUnavailableError

from .owed import MINE, Owed, owed
from .room import Room
from .topology import QUEUES

if TYPE_CHECKING:
    from .envelopes import Envelope
    from .publishing import Publisher, Sent

PIECE_BYTES = 16 * 1024 * 1024
MOST_CHARACTERS = 1_000

SIZES = """
SELECT replace(message_id::text, '-', ''), octet_length(body) FROM registry_message
WHERE message_id = ANY(%s::uuid[])
"""
# Before publishing, while nobody has it: who gets it locks the row for as long as the task takes.
PUBLISHED = f"""
UPDATE registry_delivery SET state = '{DeliveryState.PUBLISHED.value}', publishes = publishes + 1,
    published_at = clock_timestamp()
WHERE id = ANY(ARRAY(
    SELECT mine.id FROM unnest(%(ids)s::uuid[], %(queues)s::text[]) AS named (message_id, queue), {MINE}))
"""  # noqa: S608 (made of constants)
REFUSED = f"""
WITH refused AS (
    SELECT mine.id, named.reason
    FROM unnest(%(ids)s::uuid[], %(queues)s::text[], %(reasons)s::text[])
        AS named (message_id, queue, reason), {MINE}
)
UPDATE registry_delivery d SET state = '{DeliveryState.DEAD.value}', finished_at = clock_timestamp(),
    reason = refused.reason
FROM refused WHERE d.id = refused.id
"""  # noqa: S608 (made of constants)


class BrokerTarget:
    """Publishes. What was published before is published again, and dropped by who gets it."""

    title = "Message broker"

    def __init__(self) -> None:
        self._publisher: Publisher | None = None
        self._has_failed = False
        self._room = Room()

    def ping(self) -> None:
        """See whether a broker that was away is back; one that was there tells when it is published to.

        Raises:
            TargetUnavailableError: it is away.
        """
        if self._has_failed and self._publisher:
            self._publisher.check()
            self._has_failed = False

    def apply(self, entries: Sequence[Entry], *, seconds: float) -> list[Refusal]:
        """Say on the deliveries that they are published, and publish what is owed still.

        Raises:
            TargetUnavailableError: the broker did not take all of it; any part may be published.
        """
        deadline = time.monotonic() + seconds
        left: set[str] = set()
        problem = ""
        for piece in _pieces(entries):
            seconds = deadline - time.monotonic()
            if not problem and seconds > 0:
                missing, problem = self._publish(owed(piece), seconds)
            else:
                missing = {entry.aggregate_id for entry in piece}
            left |= missing
        if left:
            taken = [entry for entry in entries if entry.aggregate_id not in left]
            raise TargetUnavailableError(problem or "It did not take everything in time.", taken=taken)
        return []

    def close(self) -> None:
        """Leave the broker."""
        self._room = Room()
        if self._publisher is not None:
            self._publisher.close()

    def _publish(self, due: Sequence[Owed], seconds: float) -> tuple[set[str], str]:
        """Publish; returns the messages that the broker did not take, and why."""
        envelopes, refused = _addressed(self._room.within(due))
        _refuse(refused)
        if not envelopes:
            return set(), ""
        _mark_published(envelopes)
        crash_point("publish.before_publish")
        sent = self._send(envelopes, seconds)
        _refuse([(each.message_id, queue, why) for each, why in sent.refused for queue in each.queues])
        crash_point("publish.after_publish")
        ended = {id(each) for each in (*sent.taken, *(each for each, _ in sent.refused))}
        return {each.message_id for each in envelopes if id(each) not in ended}, sent.problem

    def _send(self, envelopes: "Sequence[Envelope]", seconds: float) -> "Sent":
        from .publishing import Publisher  # noqa: PLC0415 (kombu: a web process never publishes)

        self._publisher = self._publisher or Publisher()
        self._has_failed = True
        sent = self._publisher.publish(envelopes, seconds=seconds)
        self._has_failed = bool(sent.problem)
        return sent


def _pieces(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Rows whose messages together are 16 MB at most, or one."""
    with connection.cursor() as cursor:
        cursor.execute(SIZES, [[entry.aggregate_id for entry in entries]])
        sizes = dict(cursor.fetchall())
    piece: list[Entry] = []
    size = 0
    for entry in entries:
        more = sizes.get(entry.aggregate_id, 0)
        if piece and size + more > PIECE_BYTES:
            yield piece
            piece, size = [], 0
        piece.append(entry)
        size += more
    if piece:
        yield piece


def _addressed(due: Sequence[Owed]) -> "tuple[list[Envelope], list[tuple[str, str, str]]]":
    """Messages as they go to the broker; and message, queue and reason of what can't go."""
    from .envelopes import envelopes  # noqa: PLC0415 (as above)

    ready: list[Envelope] = []
    refused = []
    for each in due:
        message_id = each.message.message_id
        unknown = [queue for queue in each.queues if queue not in QUEUES]
        refused += [(message_id, queue, f"There is no queue {queue!r}.") for queue in unknown]
        try:
            ready += envelopes(each)
        except Exception as error:  # noqa: BLE001 (whatever is wrong with it, the others go)
            why = f"It can't be published: {error}"
            refused += [(message_id, queue, why) for queue in each.queues if queue not in unknown]
    return ready, refused


def _mark_published(envelopes: "Sequence[Envelope]") -> None:
    sent = [(each.message_id, queue) for each in envelopes for queue in each.queues]
    values = {"ids": [each for each, _ in sent], "queues": [queue for _, queue in sent]}
    with connection.cursor() as cursor:
        cursor.execute(PUBLISHED, values)


def _refuse(refused: Sequence[tuple[str, str, str]]) -> None:
    """Make dead letters of deliveries that can't be published: message, queue, reason."""
    if not refused:
        return
    values = {
        "ids": [message_id for message_id, _, _ in refused],
        "queues": [queue for _, queue, _ in refused],
        "reasons": [reason[:MOST_CHARACTERS] for _, _, reason in refused],
    }
    with connection.cursor() as cursor:
        cursor.execute(REFUSED, values)
