"""Statements that take long by nature, and are not what the slow-query log is for."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

SLOW_QUERIES = "mlplatform_site.slow_queries"


@contextmanager
def expected_to_be_slow() -> Iterator[None]:
    """Leave the statements inside out of the slow-query log."""
    logger = logging.getLogger(SLOW_QUERIES)
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
