"""Writing the audit trail: who changed what, in the transaction that changes it."""

from collections.abc import Mapping
from typing import Any

from registry.acting import actor
from registry.models import AuditEntry


def record(*, action: str, subject_id: str, details: Mapping[str, Any] | None = None) -> None:
    """Write an entry for a change, with whoever is at work (one statement).

    Args:
        action: ``noun.verb``, such as ``model.alias``.
        subject_id: the public id or name of what was changed.
    """
    AuditEntry.objects.create(
        action=action,
        subject_type=action.partition(".")[0],
        subject_id=subject_id[:255],
        details=dict(details or {}),
        **actor().signature,
    )
