"""Whether anybody will still do what was promised."""

from registry.enums import OPEN_DELIVERIES
from registry.models import Delivery


def is_awaited(message_id: str) -> bool:
    """Whether a message is owed to a queue still (one statement).

    A dead letter is not, nor one that was done or dropped, nor one that was forgotten after that.
    """
    return Delivery.objects.filter(message__message_id=message_id, state__in=OPEN_DELIVERIES).exists()
