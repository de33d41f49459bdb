"""Mending what differs; nothing is ever deleted.

First each store is brought to what is kept for it. Then what one alone has is carried to the other,
for both were written in one transaction; where both have a record and differ, the one that decides is right.
"""

from collections.abc import Iterator

from django.db import transaction

from registry.crash_points import crash_point
from registry.enums import DualWriteState as State
from registry.exceptions import ConflictError
from registry.models import DualWrite

from .comparing import Comparison, Progress, batches, compare, look
from .copying import write_over
from .divergences import Difference
from .holding import only_mover
from .sides import Move, Record
from .states import Store, copy_targets


def repair(move: Move, *, scope: str = "") -> Iterator[Progress | Comparison]:
    """Mend every record that differs, then look at everything again; ends with what is left.

    Raises:
        ConflictError: one store alone is in use.
        StoreUnavailableError: a store does not answer.
    """
    with only_mover(f"{move.name}:{scope}"):
        # under the lock: a step that ends just now may turn the ways round
        row = DualWrite.objects.filter(name=move.name, scope=scope).first()
        ways = copy_targets(State(row.state)) if row else None
        if row is None or ways is None or row.state == State.DONE:
            raise ConflictError(f"One store alone has {move.name} now: there is nothing to compare.")
        for owner_ids, progress in batches(move, row, "repair"):
            if found := look(move, owner_ids).differing:
                _mend(move, row, ways, sorted({each.key.owner_id for each in found}))
            yield progress
        yield (yield from compare(move, row))


def _mend(move: Move, row: DualWrite, ways: tuple[Store, Store], owner_ids: list[str]) -> None:
    """Renew both stores from what is kept for them, look again, and carry over what still differs."""
    with transaction.atomic():
        move.old.renew(owner_ids)
        move.new.renew(owner_ids)
    move.settle(owner_ids)
    left = look(move, owner_ids).differing
    deciding, other = ways
    with transaction.atomic():
        for source, target in (ways, (other, deciding)):
            records = {each.key: kept for each in left if (kept := _to_carry(each, source, deciding))}
            write_over(move.side(target), row, target, records)
    crash_point("dual.after_mending")
    move.settle(owner_ids)


def _to_carry(found: Difference, source: Store, deciding: Store) -> Record | None:
    """What a store has to give: all that it alone has, and where it decides what both have."""
    here, there = (found.old, found.new) if source == "old" else (found.new, found.old)
    return here if there is None or source == deciding else None
