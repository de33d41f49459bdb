"""One at a time: a lock of the session, gone with it."""

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from registry.exceptions import ConflictError
from registry.postgres.one_at_a_time import one_at_a_time

LOCK = 7_777_777


@pytest.mark.django_db(transaction=True)
def test_a_session_that_is_gone_hides_no_error_and_holds_no_lock() -> None:
    other = connection.copy()
    try:
        with pytest.raises(ValueError, match="of the work"):
            _work_in_a_session_that_ends(other)
        connection.close()
        with one_at_a_time(LOCK, otherwise="It is held."):
            assert not _is_free(other)
        assert _is_free(other)
        with pytest.raises(ConflictError, match="It is held"), one_at_a_time(LOCK, otherwise="It is held."):
            pytest.fail("it was let in")
    finally:
        other.close()


def _work_in_a_session_that_ends(other: BaseDatabaseWrapper) -> None:
    with one_at_a_time(LOCK, otherwise="It is held."):
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
        raise ValueError("of the work")


def _is_free(other: BaseDatabaseWrapper) -> bool:
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        return bool(cursor.fetchone()[0])
