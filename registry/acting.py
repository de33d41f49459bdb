"""Who is at work: set where a request, a command or a tracker begins, read where a change is written."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Actor:
    """A person (or nobody known) and the way that their change came."""

    user_id: int | None = None
    username: str = ""
    channel: str = "internal"
    token_prefix: str = ""
    client: str = ""

    @property
    def signature(self) -> dict[str, Any]:
        """What the audit trail keeps of them."""
        return {name: value for name, value in vars(self).items() if name != "client"}


NOBODY = Actor()
_actor: ContextVar[Actor] = ContextVar("actor")


@contextmanager
def acting_as(*, user: Any = None, channel: str, token_prefix: str = "", client: str = "") -> Iterator[Actor]:
    """Changes made inside are this user's.

    Args:
        user: a Django user, or None where nobody is known.
        channel: ``web``, ``api``, ``command`` or ``tracker``.
        token_prefix: the first characters of the token that was shown.
        client: what speaks, where a channel has several: ``platform``, ``mlflow``.
    """
    is_known = user is not None and user.is_authenticated
    actor = Actor(
        user.pk if is_known else None,
        user.get_username() if is_known else "",
        channel,
        token_prefix,
        client,
    )
    mark = _actor.set(actor)
    try:
        yield actor
    finally:
        _actor.reset(mark)


def actor() -> Actor:
    """Whoever is at work here and now."""
    return _actor.get(NOBODY)
