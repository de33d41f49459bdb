"""The state of a move, held by whoever writes, changed by nobody meanwhile.

A writer shares an advisory lock of the move until its transaction ends; changing the state takes it
alone. PostgreSQL queues these locks, so that a change gets its turn between writers that never pause
(row locks don't: decision 0017), and reads the state in a statement of its own behind the lock.
"""

import time
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils import timezone
from psycopg2.errors import LockNotAvailable

from registry.crash_points import crash_point
from registry.enums import DualWriteState as State
from registry.exceptions import ConflictError, StoreUnavailableError
from registry.models import DualWrite
from registry.postgres.one_at_a_time import one_at_a_time

from . import divergences

SPACE = 0x6475616C  # "dual"
MOVERS = 0x6D6F7665  # "move": one at a time
WAIT_MS = 2_000
TRIES = 5

HOLD = """
SELECT pg_advisory_xact_lock_shared(%(space)s, %(lock)s);
SELECT scope, id, state FROM registry_dualwrite WHERE name = %(name)s
"""


@dataclass(frozen=True)
class Standing:
    """How one owner's data stands; ``dual_write_id`` is 0 where it never set out."""

    dual_write_id: int
    state: State


@dataclass(frozen=True)
class Held:
    """The states of a move, which stay until the transaction ends."""

    by_scope: dict[str, Standing]

    def of(self, scope: str) -> Standing:
        """The state in a scope."""
        usual = self.by_scope.get("") or Standing(0, State.OFF)
        return self.by_scope.get(scope, usual)


def hold(name: str) -> Held:
    """Keep the states of a move as they are until the running transaction ends (one statement).

    Call it before any row is locked.
    """
    with connection.cursor() as cursor:
        cursor.execute(HOLD, {"space": SPACE, "lock": _lock(name), "name": name})
        return Held({scope: Standing(pk, State(state)) for scope, pk, state in cursor.fetchall()})


@contextmanager
def alone(name: str) -> Iterator[None]:
    """A transaction in which nobody writes data of the move.

    Raises:
        StoreUnavailableError: a writer did not end within ten seconds; nothing was done.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{WAIT_MS}ms"])
            _take(name, cursor)
        yield


def flip(
    row: DualWrite, to: State, *, must_agree: bool, switches_back: bool = False, **changes: Any
) -> float:
    """Change the state, between writers; returns for how many seconds they waited.

    Args:
        must_agree: refuse where a divergence is open by now.
        switches_back: have the old store answer every query that was switched.
        changes: other fields to set with it.

    Raises:
        ConflictError: the state is another by now, or a divergence is open.
    """
    began = time.perf_counter()
    with alone(row.name):
        fresh = DualWrite.objects.select_for_update().get(pk=row.pk)
        if fresh.state != row.state:
            raise ConflictError(f"{row} is {fresh.state} by now, not {row.state}. Look again.")
        if must_agree and (open_ones := divergences.open_ones(row.pk).count()):
            raise ConflictError(f"{open_ones} divergences were found meanwhile. Ask for the step again.")
        for field, value in changes.items():
            setattr(row, field, value)
        row.state, row.changed_at = to, timezone.now()
        row.save()
        if switches_back:
            row.queries.update(is_new=False)
        crash_point("dual.before_flip")
    crash_point("dual.after_flip")
    return time.perf_counter() - began


def only_mover(name: str) -> AbstractContextManager[None]:
    """One process moves data of this name at a time.

    Raises:
        ConflictError: another is at it, as the context is entered.
    """
    otherwise = f"Somebody else is at work on {name}. Wait until that has ended."
    return one_at_a_time((MOVERS, _lock(name)), otherwise=otherwise)


def _take(name: str, cursor: Any) -> None:
    left = TRIES
    while True:
        try:
            with transaction.atomic():
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [SPACE, _lock(name)])
                return
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            left -= 1
            if not left:
                raise StoreUnavailableError(
                    f"Somebody has been writing {name} for {TRIES * WAIT_MS / 1_000:g} s without an end."
                    " Nothing was changed; ask again, or look for long transactions (manage.py doctor)."
                ) from error


def _lock(name: str) -> int:
    return zlib.crc32(name.encode()) - 2**31
