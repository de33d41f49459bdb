"""The slow-query log: statements that took longer than ``SLOW_QUERY_MS``, without their values."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

logger = logging.getLogger("registry.slow_queries")
SHOWN_CHARACTERS = 1_000


def watch(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Watch a new connection; connected to Django's ``connection_created``."""
    if log_when_slow not in connection.execute_wrappers:
        connection.execute_wrappers.append(log_when_slow)


def log_when_slow(
    execute: Callable[..., Any],
    sql: str,
    params: Any,
    many: bool,
    context: dict[str, Any],
) -> Any:
    """Run a statement and log it where it was slow."""
    began = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        milliseconds = (time.perf_counter() - began) * 1_000
        if milliseconds >= settings.SLOW_QUERY_MS:
            logger.warning("%.0f ms: %s", milliseconds, " ".join(str(sql).split())[:SHOWN_CHARACTERS])
