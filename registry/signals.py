"""What the record announces after commit, with ids only."""

from django.dispatch import Signal

run_changed = Signal()
"""Sent after commit with ``run_id`` and ``version`` whenever a run's row changed."""
