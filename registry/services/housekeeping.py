"""What nobody needs any more: old idempotency keys, temporary files, tombstones, messages that are done."""

import datetime as dt

from django.utils import timezone

from registry.artifacts import storage
from registry.documents.tombstones import delete_tombstones
from registry.messaging.forgetting import forget_messages
from registry.models import BodyPart
from registry.sync.purge_rows import TOMBSTONE

from .idempotency import purge_keys

MESSAGES_KEPT = dt.timedelta(days=7)
TOMBSTONES_KEPT = dt.timedelta(days=7)
BATCH = 500


def clear_away() -> int:
    """Delete what has stood long enough; returns how many keys, files, messages and tombstones that were."""
    local = purge_keys() + storage.sweep_temporary() + forget_messages(older_than=MESSAGES_KEPT)
    return local + clear_tombstones(older_than=TOMBSTONES_KEPT)


def clear_tombstones(*, older_than: dt.timedelta) -> int:
    """Delete tombstones from MongoDB, then from PostgreSQL; returns how many.

    Raises:
        StoreUnavailableError: MongoDB does not answer; the rest waits for the next time.
    """
    cleared = 0
    stale = BodyPart.objects.filter(part=TOMBSTONE, written_at__lt=timezone.now() - older_than)
    while batch := list(stale.order_by("written_at")[:BATCH]):
        for collection in {part.collection for part in batch}:
            buried = {part.document_id: part.version for part in batch if part.collection == collection}
            delete_tombstones(collection, buried)
        BodyPart.objects.filter(pk__in=[part.pk for part in batch]).delete()
        cleared += len(batch)
    return cleared
