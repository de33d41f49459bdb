"""The slow-query log: each statement that takes longer than ``SLOW_QUERY_MS``, without its values."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

logger = logging.getLogger(__name__)
LONGEST = 2_000


def watch(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Time every statement of a connection (a receiver of ``connection_created``)."""
    # A connection that was lost and made again keeps its wrappers.
    if log_when_slow not in connection.execute_wrappers:
        connection.execute_wrappers.append(log_when_slow)


def log_when_slow(
    execute: Callable[..., Any],
    sql: str,
    params: Any,
    many: bool,  # noqa: FBT001 (Django passes it by position)
    context: dict[str, Any],
) -> Any:
    """Run a statement; one that was slow is logged, also when it failed."""
    began = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        milliseconds = (time.perf_counter() - began) * 1_000
        if milliseconds > settings.SLOW_QUERY_MS:
            statement = " ".join(str(sql).split())[:LONGEST]
            logger.warning("slow query, %.0f ms: %s", milliseconds, statement)
