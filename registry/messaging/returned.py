"""Our own messages that come back undone: the books, not the broker, say whether there is another time."""

import random

from django.db import transaction

from registry.exceptions import RegistryError
from registry.fields import HEX_ID
from registry.models import Delivery

from . import marks
from .failing import failed
from .marks import Begun
from .registering import CONSUMERS, TASKS, USUAL_ATTEMPTS

# Both together outlast a release that replaces one worker after the other.
UNKNOWN_SECONDS, UNKNOWN_PUBLISHES = 30.0, 30


class UnreadableError(RegistryError):
    """A message that is none of ours, or was damaged."""


class UnknownTaskError(UnreadableError):
    """A task that another release may know."""


class GivenUpError(RegistryError):
    """The broker brought a message so often that it does not any more."""


def owe_again(message_id: str, queue: str, error: UnknownTaskError | GivenUpError) -> bool:
    """Owe a message to its queue again, unless that happened too often; an empty queue is all of them.

    What the broker gave up counts as one start that failed, however often it was brought meanwhile.

    Returns:
        Whether the message is ours; what somebody works on, or was done, is left as it is.
    """
    if not HEX_ID.fullmatch(message_id):
        return False
    rows = Delivery.objects.filter(message__message_id=message_id)
    found = (rows.filter(queue=queue) if queue else rows).values_list("queue", "message__name", "publishes")
    for name_of_queue, name, publishes in (ours := list(found)):
        with transaction.atomic():
            for begun in marks.begin([message_id], name_of_queue):
                if isinstance(error, UnknownTaskError):
                    _elsewhere(begun, publishes, error)
                else:
                    failed(begun, error, max_attempts=_most(name_of_queue, name))
    return bool(ours)


def _elsewhere(begun: Begun, publishes: int, error: UnknownTaskError) -> None:
    if publishes >= UNKNOWN_PUBLISHES:
        marks.mark_dead([begun.id], str(error))
        return
    seconds = UNKNOWN_SECONDS * random.uniform(0.5, 1.5)  # noqa: S311
    marks.mark_later([begun.id], str(error), seconds=seconds, is_forgiven=True)


def _most(queue: str, name: str) -> int:
    spec = TASKS.get(name) or next((each for each in CONSUMERS.values() if each.queue == queue), None)
    return spec.max_attempts if spec else USUAL_ATTEMPTS
