"""Writing to both stores: the one that decides, then the other, whose refusal is kept and mended later."""

from collections.abc import Callable

from django.db import transaction

from registry.crash_points import crash_point

from . import divergences
from .divergences import REFUSALS, Difference
from .holding import Standing
from .sides import Key, Record
from .states import WRITES, Store

Write = Callable[[], object]


def write(standing: Standing, *, key: Key, record: Record, old: Write, new: Write) -> None:
    """Write a record as the state says, in the running transaction, which holds the state.

    Args:
        old, new: write it to that store; what they raise first refuses the operation.

    The second write has a savepoint. Where it is refused the operation stands, and a divergence
    commits with it.
    """
    ways: dict[Store, Write] = {"old": old, "new": new}
    first, *others = WRITES[standing.state]
    ways[first]()
    for other in others:
        crash_point("dual.between_writes")
        try:
            with transaction.atomic():
                ways[other]()
        except REFUSALS as error:
            reason = f"{type(error).__name__}: {str(error).strip()}"
            sides = {first: record, other: None}
            divergences.note(standing.dual_write_id, [Difference(key, sides["old"], sides["new"], reason)])
