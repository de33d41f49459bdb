import logging

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, connection, transaction

pytestmark = pytest.mark.django_db
LOGGER = "mlplatform_site.slow_queries"


def slow_lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Of the statements that sleep: on a busy machine any other may be slow as well."""
    lines = [record.getMessage() for record in caplog.records if record.name == LOGGER]
    return [line for line in lines if "pg_sleep" in line]


def test_slow_statement_is_logged_with_its_time_and_without_its_values(
    caplog: pytest.LogCaptureFixture, settings: LazySettings
) -> None:
    settings.SLOW_QUERY_MS = 20
    with caplog.at_level(logging.WARNING, LOGGER), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.05),\n  %s", ["a secret"])
    (line,) = slow_lines(caplog)
    assert line.endswith(" ms: SELECT pg_sleep(0.05), %s")
    assert int(line.split()[2]) >= 50


def test_fast_statement_is_not_logged(caplog: pytest.LogCaptureFixture, settings: LazySettings) -> None:
    settings.SLOW_QUERY_MS = 10_000
    with caplog.at_level(logging.WARNING, LOGGER), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0)")
    assert slow_lines(caplog) == []


@pytest.mark.django_db(transaction=True)
def test_slow_statement_that_fails_is_logged_too(
    caplog: pytest.LogCaptureFixture, settings: LazySettings
) -> None:
    settings.SLOW_QUERY_MS = 20
    with caplog.at_level(logging.WARNING, LOGGER), connection.cursor() as cursor:
        # The limit ends with the transaction: a RESET would have to be as fast.
        with pytest.raises(DatabaseError), transaction.atomic():
            cursor.execute("SET LOCAL statement_timeout = 60; SELECT pg_sleep(5)")
    assert [line.partition(": ")[2] for line in slow_lines(caplog)] == [
        "SET LOCAL statement_timeout = 60; SELECT pg_sleep(5)"
    ]


def test_connection_made_again_is_timed_once(
    caplog: pytest.LogCaptureFixture, settings: LazySettings
) -> None:
    settings.SLOW_QUERY_MS = 20
    other = connection.copy()
    try:
        for _ in range(2):
            other.connect()
            other.close()
        other.connect()
        with caplog.at_level(logging.WARNING, LOGGER), other.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.05)")
    finally:
        other.close()
    assert len(slow_lines(caplog)) == 1
