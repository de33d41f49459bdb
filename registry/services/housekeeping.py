"""What nobody needs any more: old idempotency keys, temporary files, tombstones."""

import datetime as dt

from django.utils import timezone

from registry.artifacts import storage
from registry.documents.tombstones import delete_tombstones
from registry.models import BodyPart
from registry.sync.purge_rows import TOMBSTONE

from .idempotency import purge_keys

TOMBSTONES_KEPT = dt.timedelta(days=7)
BATCH = 500


def clear_away() -> int:
    """Delete what has stood long enough; returns how many keys, files and tombstones that were."""
    return purge_keys() + storage.sweep_temporary() + clear_tombstones(older_than=TOMBSTONES_KEPT)


def clear_tombstones(*, older_than: dt.timedelta) -> int:
    """Delete tombstones from MongoDB, then from PostgreSQL; returns how many.

    Raises:
        StoreUnavailableError: MongoDB does not answer; the rest waits for the next time.
    """
    cleared = 0
    stale = BodyPart.objects.filter(part=TOMBSTONE, written_at__lt=timezone.now() - older_than)
    while batch := list(stale.order_by("written_at")[:BATCH]):
        for collection in {part.collection for part in batch}:
            ids = [part.document_id for part in batch if part.collection == collection]
            delete_tombstones(collection, ids)
        BodyPart.objects.filter(pk__in=[part.pk for part in batch]).delete()
        cleared += len(batch)
    return cleared
