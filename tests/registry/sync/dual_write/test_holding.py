"""A state does not change under a writer, and a writer that never ends stops nobody for long."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from registry.enums import DualWriteState as State
from registry.exceptions import ConflictError, StoreUnavailableError
from registry.models import Divergence, DualWrite
from registry.sync.dual_write import holding
from registry.sync.dual_write.holding import flip, hold, only_mover

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def row() -> DualWrite:
    return DualWrite.objects.create(name="run_notes")


@pytest.fixture
def elsewhere() -> Iterator[Any]:
    """Another session."""
    other = connection.copy()
    try:
        yield other
    finally:
        with other.cursor() as cursor:  # a closed connection lets go a moment later
            cursor.execute("ROLLBACK")
            cursor.execute("SELECT pg_advisory_unlock_all()")
        other.close()


def held_by(session: Any, name: str) -> dict[str, str]:
    with session.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(holding.HOLD, {"space": holding.SPACE, "lock": holding._lock(name), "name": name})
        return {scope: state for scope, _, state in cursor.fetchall()}


def test_a_state_waits_for_the_writers_that_hold_it(
    row: DualWrite, elsewhere: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holding, "WAIT_MS", 20)
    monkeypatch.setattr(holding, "TRIES", 2)
    assert held_by(elsewhere, "run_notes") == {"": "off"}
    with pytest.raises(StoreUnavailableError, match="without an end"):
        flip(row, State.SHADOW, must_agree=False)
    row.refresh_from_db()
    assert row.state == "off"
    with elsewhere.cursor() as cursor:
        cursor.execute("COMMIT")
    assert flip(row, State.SHADOW, must_agree=False) < 5
    assert hold("run_notes").of("any").state == State.SHADOW


def test_another_fault_while_waiting_is_told_as_it_is(row: DualWrite, elsewhere: Any) -> None:
    held_by(elsewhere, "run_notes")
    with pytest.raises(OperationalError, match="statement timeout"):
        flip_within(row, milliseconds=200)


def flip_within(row: DualWrite, *, milliseconds: int) -> None:
    """The timeout goes with the transaction: a statement that took it back could meet it, too."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(milliseconds)])
        flip(row, State.SHADOW, must_agree=False)


def test_a_state_that_changed_meanwhile_is_left(row: DualWrite) -> None:
    stale = DualWrite.objects.get(pk=row.pk)
    flip(row, State.SHADOW, must_agree=False)
    with pytest.raises(ConflictError, match="is shadow by now"):
        flip(stale, State.SHADOW, must_agree=False)


def test_a_divergence_found_at_the_last_moment_stops_the_step(row: DualWrite) -> None:
    Divergence.objects.create(dual_write=row, key="a/b", kind="refused")
    with pytest.raises(ConflictError, match="found meanwhile"):
        flip(row, State.SHADOW, must_agree=True)


def test_one_process_moves_at_a_time(elsewhere: Any) -> None:
    with elsewhere.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [holding.MOVERS, holding._lock("run_notes:")])
    with pytest.raises(ConflictError, match="Somebody else"), only_mover("run_notes:"):
        raise AssertionError
