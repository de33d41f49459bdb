"""Running many messages of a queue at once: one transaction for all, each alone where that fails.

Only messages that were never begun before share a batch, so that one that kills its process takes no
others with it in the end.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from django.db import transaction

from registry.crash_points import crash_point

from . import marks
from .failing import is_away, owe_until_it_is_back
from .marks import Begun
from .patience import patiently, require, session
from .received import Received
from .registering import ConsumerSpec
from .running import Outcome, run_alone, run_begun

logger = logging.getLogger(__name__)


@dataclass
class Tally:
    """What came of the messages of a batch."""

    done: int = 0
    failed: int = 0
    duplicate: int = 0

    def add(self, outcome: Outcome, count: int = 1) -> None:
        """Count so many more."""
        setattr(self, outcome.value, getattr(self, outcome.value) + count)


def consume_batch(spec: ConsumerSpec, messages: Sequence[Received]) -> Tally:
    """Give messages to a queue's consumer, each once if it is owed still; acknowledge them all afterwards.

    Raises:
        PostgresqlAwayError: PostgreSQL is away.
    """
    tally = Tally()
    by_id = {each.message_id: each for each in messages}
    tally.add(Outcome.DUPLICATE, len(messages) - len(by_id))
    begun = patiently(partial(marks.begin, list(by_id), spec.queue, is_fresh=True))
    crash_point("work.after_count")
    fresh = {each.message_id: each for each in begun}
    together = [
        (fresh[name], replace(each, attempts=fresh[name].attempts))
        for name, each in by_id.items()
        if name in fresh
    ]
    outcome = patiently(partial(_all_at_once, spec, together))
    if outcome is not None:
        tally.add(outcome, len(together))
    else:
        for one, message in together:
            tally.add(run_begun(one, partial(_one, spec, message), max_attempts=spec.max_attempts))
    for message in (each for name, each in by_id.items() if name not in fresh):
        work = partial(_one, spec, message)
        tally.add(run_alone(message.message_id, spec.queue, work, max_attempts=spec.max_attempts))
    return tally


def _all_at_once(spec: ConsumerSpec, together: Sequence[tuple[Begun, Received]]) -> Outcome | None:
    """None where each is to be tried alone; where a store is away, that would only take longer."""
    if not together:
        return Outcome.DONE
    before = session()
    try:
        with transaction.atomic():
            held = marks.hold([begun.id for begun, _ in together])
            if len(held) < len(together):
                return None
            spec.function([message for _, message in together])
            marks.mark_done(sorted(held))
            crash_point("work.before_commit")
    except Exception as error:  # noqa: BLE001 (each is tried alone, and tells what is wrong with it)
        require(before, error)
        logger.warning(
            "%d messages of %s failed together: %s: %s",
            len(together), spec.queue, type(error).__name__, error,
        )  # fmt: skip
        if not is_away(error):
            return None
        owe_until_it_is_back([begun for begun, _ in together], error)
        return Outcome.FAILED
    crash_point("work.after_commit")
    return Outcome.DONE


def _one(spec: ConsumerSpec, message: Received, attempts: int) -> None:
    spec.function([replace(message, attempts=attempts)])
