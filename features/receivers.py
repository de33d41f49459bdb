"""What follows in Redis from what the record tells (registry/signals.py)."""

from typing import Any

from features.online import doorbells
from registry import signals


def connect() -> None:
    """Listen; more than once is no different."""
    signals.run_logged.connect(_ring, dispatch_uid="doorbell")
    signals.run_changed.connect(_ring, dispatch_uid="doorbell")


def _ring(run_id: str, **_: Any) -> None:
    doorbells.ring(run_id)
