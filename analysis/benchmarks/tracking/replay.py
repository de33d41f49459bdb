"""What PostgreSQL alone takes: recorded statements said again by bare psycopg2."""

import io
import re
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, closing
from typing import Any

import psycopg2

from .recorder import Statement

SETTING = re.compile(rb"\s*(SET|PREPARE|DEALLOCATE)\b", re.IGNORECASE)


def replay(statements: Iterable[Statement], database: str, *, only_labelled: bool) -> Mapping[str, float]:
    """Say them in their order, on as many connections; returns seconds by label.

    Args:
        database: in the state it was in when recording began, or, with ``only_labelled``, as it is now.
        only_labelled: leave out what was said without a label, but for settings of the connection.
    """
    seconds: dict[str, float] = defaultdict(float)
    connections: dict[int, Any] = {}
    with ExitStack() as stack:
        for each in statements:
            if only_labelled and not each.label and not SETTING.match(each.sql):
                continue
            if each.connection not in connections:
                connection = stack.enter_context(closing(psycopg2.connect(database)))
                connection.autocommit = True
                connections[each.connection] = connection.cursor()
            seconds[each.label] += _say(connections[each.connection], each)
    return seconds


def _say(cursor: Any, statement: Statement) -> float:
    began = time.perf_counter()
    if statement.data:
        cursor.copy_expert(statement.sql, io.BytesIO(statement.data))
    else:
        cursor.execute(statement.sql)
        if cursor.description is not None:
            cursor.fetchall()
    return time.perf_counter() - began
