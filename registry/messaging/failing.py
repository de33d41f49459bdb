"""What becomes of a message whose work failed: another time, or never."""

import logging
import random
from collections.abc import Sequence

from registry.crash_points import crash_point
from registry.exceptions import BadInputError, RefusedError, StoreUnavailableError
from registry.sync.targets import TargetUnavailableError
from registry.sync.wakeup import wake_relay

from .marks import Begun, mark_dead, mark_later

logger = logging.getLogger(__name__)
FIRST_SECONDS, LONGEST_SECONDS = 2.0, 600.0
AWAY_SECONDS = 5.0
FINAL = (RefusedError, BadInputError)
AWAY = (StoreUnavailableError, TargetUnavailableError)


def retry_seconds(attempts: int) -> float:
    """How long until the next: anything up to 4, 8, 16 … 600 s, so that many do not come back at once."""
    return random.uniform(0, min(LONGEST_SECONDS, FIRST_SECONDS * 2**attempts))  # noqa: S311


def is_worn_out(begun: Begun, max_attempts: int) -> bool:
    """Whether it was begun too often and never came to an end; it is a dead letter then."""
    if begun.attempts <= max_attempts:
        return False
    mark_dead([begun.id], f"Begun {max_attempts} times, and each time its process ended before it did.")
    return True


def failed(begun: Begun, error: Exception, *, max_attempts: int) -> None:
    """Say what went wrong, after everything was rolled back.

    Raises:
        OperationalError, InterfaceError: PostgreSQL is away.
    """
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, FINAL):
        mark_dead([begun.id], str(error) or text, text)
    elif is_away(error):
        owe_until_it_is_back([begun], error)
    elif begun.attempts >= max_attempts:
        mark_dead([begun.id], f"Failed {begun.attempts} times, last: {text}"[:1_000], text)
    else:
        logger.warning("Message %s failed: %s", begun.message_id, text, exc_info=error)
        mark_later([begun.id], text, seconds=retry_seconds(begun.attempts), is_forgiven=False)
    crash_point("work.after_failure")
    wake_relay()


def is_away(error: Exception) -> bool:
    """Nobody's fault: a store that did not answer."""
    return isinstance(error, AWAY)


def owe_until_it_is_back(begun: Sequence[Begun], error: Exception) -> None:
    """Messages that a store kept from being done come again in some seconds, as if never begun.

    Raises:
        OperationalError, InterfaceError: PostgreSQL is away.
    """
    seconds = AWAY_SECONDS * random.uniform(0.5, 1.5)  # noqa: S311
    ids = [each.id for each in begun]
    mark_later(ids, f"{type(error).__name__}: {error}", seconds=seconds, is_forgiven=True)
