import logging

import pytest
from django.conf import LazySettings
from django.db import connection

pytestmark = pytest.mark.django_db


def test_a_slow_statement_is_logged_without_its_values(
    settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SLOW_QUERY_MS = 20
    with caplog.at_level(logging.WARNING, "registry.slow_queries"), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.03), %s", ["secret"])
        cursor.execute("SELECT 1")
    (record,) = caplog.records
    assert "SELECT pg_sleep(0.03), %s" in record.getMessage()
    assert "secret" not in record.getMessage()
