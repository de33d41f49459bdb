"""Dead letters: what nobody tries any more, with the reason; a person lists, replays or drops them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from registry.enums import DeliveryState
from registry.exceptions import NotFoundError
from registry.fields import HEX_ID
from registry.models import Delivery, Message
from registry.sync import audit
from registry.sync.wakeup import wake_relay

from .marks import mark_dead
from .owed import OWE_AGAIN
from .topology import Exchanges, Queues

REPLAY = f"""
WITH again AS (
    UPDATE registry_delivery SET state = '{DeliveryState.WAITING.value}', attempts = 0, next_at = now(),
        finished_at = NULL, reason = ''
    WHERE id = ANY(%s) AND state = '{DeliveryState.DEAD.value}' RETURNING message_id, queue, next_at
)
{OWE_AGAIN}"""  # noqa: S608 (made of constants)
PIECE = 500
MOST_CHARACTERS = 1_000


@dataclass(frozen=True)
class Choice:
    """Which dead letters are meant; what is not said chooses nothing, so ``Choice()`` is all of them."""

    queue: str = ""
    name: str = ""
    message_id: str = ""
    deliveries: tuple[int, ...] | None = None

    def rows(self) -> QuerySet[Delivery]:
        """Their deliveries, oldest first."""
        rows = Delivery.objects.filter(state=DeliveryState.DEAD).select_related("message").order_by("id")
        if self.queue:
            rows = rows.filter(queue=self.queue)
        if self.name:
            rows = rows.filter(message__name=self.name)
        if self.message_id:
            rows = rows.filter(message__message_id=self.message_id)
        if self.deliveries is not None:
            rows = rows.filter(pk__in=self.deliveries)
        return rows


def dead_letter(message_id: str) -> list[Delivery]:
    """The dead deliveries of a message.

    Raises:
        NotFoundError: it is none, or has none.
    """
    found = list(Choice(message_id=message_id).rows()) if HEX_ID.fullmatch(message_id) else []
    if not found:
        raise NotFoundError(f"There is no dead letter {message_id!r}. See: manage.py dead_letters list")
    return found


def replay(choice: Choice) -> Iterator[int]:
    """Owe chosen dead letters to their queues again, as if never begun; yields how many, piece by piece.

    One that is none of ours has no queue to go to and stays.
    """
    for ids in _pieces(choice.rows().exclude(queue=Queues.DEAD)):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(REPLAY, [ids])
            count = cursor.rowcount
            _note("replay", choice, ids, count)
        wake_relay()
        yield count


def drop(choice: Choice) -> Iterator[int]:
    """Set chosen dead letters aside for good; yields how many, piece by piece."""
    for ids in _pieces(choice.rows()):
        rows = Delivery.objects.filter(pk__in=ids, state=DeliveryState.DEAD)
        with transaction.atomic():
            count = rows.update(state=DeliveryState.DROPPED, finished_at=Now())
            _note("drop", choice, ids, count)
        yield count


def keep_foreign(*, queue: str, message_id: str, body: bytes, headers: dict[str, Any], reason: str) -> None:
    """Write down a message that can't be done: on our own delivery, or as a dead letter of nobody's."""
    if HEX_ID.fullmatch(message_id):
        ours = Delivery.objects.filter(message__message_id=message_id)
        if queue:
            ours = ours.filter(queue=queue)
        if found := list(ours.values_list("pk", flat=True)):
            mark_dead(found, reason[:MOST_CHARACTERS])
            return
    with transaction.atomic():
        message = Message.objects.create(
            exchange=Exchanges.DEAD_LETTERS,
            routing_key=queue[:255],
            name="unknown",
            body=body,
            headers=headers,
        )
        Delivery.objects.create(
            message=message, queue=Queues.DEAD, state=DeliveryState.DEAD,
            finished_at=Now(), reason=reason[:MOST_CHARACTERS],
        )  # fmt: skip


def _note(verb: str, choice: Choice, ids: list[int], count: int) -> None:
    """An entry a piece: whoever dies in between leaves one of what is done."""
    if count:
        chosen = {"queue": choice.queue, "name": choice.name, "message_id": choice.message_id}
        audit.record(
            action=f"dead_letter.{verb}",
            subject_id=choice.message_id or choice.queue or choice.name or "chosen",
            details=chosen | {"count": count, "deliveries": ids},
        )


def _pieces(rows: QuerySet[Delivery]) -> Iterator[list[int]]:
    """Numbers as they are now: what fails again meanwhile is not met twice."""
    ids = list(rows.values_list("pk", flat=True))
    for start in range(0, len(ids), PIECE):
        yield ids[start : start + PIECE]
