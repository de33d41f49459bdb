"""Announcements: told to every process that listens, at most once, and kept nowhere.

They make processes forget what they remember ("rules changed"); whoever misses one reads again within
a minute anyway, so nothing may hang on them.
"""

import logging
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import transaction

logger = logging.getLogger(__name__)
Listener = Callable[..., None]
LISTENERS: dict[str, list[Listener]] = defaultdict(list)


def announce(kind: str, **details: Any) -> None:
    """Tell every listening process, once the running transaction is committed; at once outside of one.

    This process hears it directly. A broker that is away costs the others a minute of old knowledge.
    """
    transaction.on_commit(partial(_tell, kind, details), robust=True)


def heard(kind: str, details: dict[str, Any]) -> None:
    """Call this process's listeners; one that fails keeps none of the others from hearing."""
    for listener in LISTENERS[kind]:
        try:
            listener(**details)
        except Exception:
            logger.exception("A listener of %r failed", kind)


def _tell(kind: str, details: dict[str, Any]) -> None:
    from .fanout import tell  # noqa: PLC0415 (kombu, for those who announce)

    heard(kind, details)
    tell(kind, details)


def on_announcement(kind: str) -> Callable[[Listener], Listener]:
    """Register a function that is called with the details of each announcement of a kind."""

    def register(function: Listener) -> Listener:
        if function not in LISTENERS[kind]:
            LISTENERS[kind].append(function)
        return function

    return register
