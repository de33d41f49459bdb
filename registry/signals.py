"""What the record tells those who listen, after commit and with ids alone (features/receivers.py).

A receiver that fails is written to the log and fails nothing here. Where a transaction is open the word
goes out once it has committed, and not at all if it does not.
"""

from functools import partial

from django.db import connection, transaction
from django.dispatch import Signal

run_logged = Signal()
"""A training process was at work on a run: it started, or logged metrics or an epoch (``run_id``)."""

run_changed = Signal()
"""Something else about a run changed: its status, name, params, tags, … (``run_id``)."""

run_beat = Signal()
"""The training process says that it is still at work on a run (``run_id``); nothing changed."""


def announce(signal: Signal, *, run_id: str) -> None:
    """Tell the receivers of a signal about a run, now or after the commit that is to come."""
    if connection.in_atomic_block:
        transaction.on_commit(partial(signal.send_robust, None, run_id=run_id), robust=True)
    else:
        signal.send_robust(None, run_id=run_id)
