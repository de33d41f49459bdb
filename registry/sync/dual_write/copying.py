"""Copying what one side lacks from the other, a batch a transaction, from where the last copy stopped."""

from collections.abc import Generator, Mapping

from django.db import transaction
from django.db.models import F

from registry.crash_points import crash_point
from registry.exceptions import StoreUnavailableError
from registry.models import DualWrite

from . import divergences
from .comparing import Progress, batches
from .divergences import REFUSALS, Difference
from .sides import Key, Move, Record, Side
from .states import Store


def copy(move: Move, row: DualWrite, source: Store, target: Store) -> Generator[Progress, None, int]:
    """Copy everything that the target lacks, and put it down in the row; done again, it goes on.

    Returns:
        How many records it has copied.

    Raises:
        StoreUnavailableError: a store does not answer, or is owed what it does not take.
    """
    total = 0
    for owner_ids, progress in batches(move, row, f"copy to {target}", after=row.copied_to):
        if waiting := move.settle(owner_ids):
            raise StoreUnavailableError(
                f"What {len(waiting)} owners are owed waits in the outbox, so the copy stops here."
                " Bring the store back (manage.py doctor), then ask for the step again: it goes on from here."
            )
        with transaction.atomic():
            copied = copy_missing(move, row, source, target, owner_ids)
            DualWrite.objects.filter(pk=row.pk).update(copied_to=owner_ids[-1], copied=F("copied") + copied)
        total += copied
        crash_point("dual.after_copy")
        move.settle(owner_ids)
        yield progress
    DualWrite.objects.filter(pk=row.pk).update(is_copied=True)
    row.refresh_from_db()
    return total


def copy_missing(move: Move, row: DualWrite, source: Store, target: Store, owner_ids: list[str]) -> int:
    """Copy what the target lacks of these owners, in the running transaction; returns how many took."""
    there = move.side(target).read(owner_ids)
    found = move.side(source).read(owner_ids)
    missing = {key: record for key, record in found.items() if key not in there}
    return write_over(move.side(target), row, target, missing)


def write_over(side: Side, row: DualWrite, target: Store, records: Mapping[Key, Record]) -> int:
    """Write records in one go, or one by one where one is refused; that is kept as a divergence."""
    if not records:
        return 0
    try:
        with transaction.atomic():
            side.copy(records)
    except REFUSALS as error:
        if len(records) > 1:
            return sum(write_over(side, row, target, {key: each}) for key, each in records.items())
        ((key, record),) = records.items()
        reason = f"{type(error).__name__}: {str(error).strip()}"
        old, new = (record, None) if target == "new" else (None, record)
        divergences.note(row.pk, [Difference(key, old, new, reason)])
        return 0
    return len(records)
