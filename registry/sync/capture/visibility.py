"""Waiting until captured transactions can be seen.

PostgreSQL writes a commit into its log, from which it is captured, a moment before other sessions see
the rows. A consumer that makes others read again, or reads by itself, must not be that much too early.
"""

import time
from collections.abc import Iterable

from django.db import connection

from registry.sync.targets import TargetUnavailableError

POLL_SECONDS = 0.001
LONGEST_WAIT_SECONDS = 10.0
HALF, WHOLE = 2**31, 2**32


def wait_until_visible(xids: Iterable[int]) -> None:
    """Wait until new snapshots show these committed transactions (one statement, nearly always).

    Raises:
        TargetUnavailableError: PostgreSQL holds one back for longer than 10 s; try again.
    """
    waiting = set(xids)
    until = time.monotonic() + LONGEST_WAIT_SECONDS
    while waiting := _unseen(waiting):
        if time.monotonic() > until:
            raise TargetUnavailableError("PostgreSQL does not show yet what it has committed.")
        time.sleep(POLL_SECONDS)


def _unseen(xids: set[int]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        _, following, running = cursor.fetchone()[0].split(":")
    # The log has the lower half of a transaction's number, which runs in circles.
    still = {int(each) % WHOLE for each in running.split(",") if each}
    return {xid for xid in xids if xid in still or (xid - int(following)) % WHOLE < HALF}
