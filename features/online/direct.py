"""Single commands past redis-py's client and pool: half the time of a call, with the same guards.

Each thread has a connection of its own to each server. It is made by the pool's kind, so that it reports to
the breaker, and looked at before each command as the pool does: one that the server closed, or that holds
an answer nobody waited for, is opened anew.
"""

import os
import threading
from collections.abc import Sequence
from typing import Any

from redis.connection import Connection, ConnectionPool
from redis.exceptions import RedisError


class Held(threading.local):
    """This thread's connections, each with the pool that it belongs to."""

    def __init__(self) -> None:
        self.lines: dict[type[ConnectionPool], tuple[ConnectionPool, Connection]] = {}


_held = Held()


def ask(pool: ConnectionPool, words: Sequence[str | bytes | float]) -> Any:
    """One command and its answer (one round trip).

    Raises:
        RedisError: as from the client; a connection that failed is shut.
    """
    line = _line(pool)
    line.send_command(*words)  # type: ignore[no-untyped-call]
    return line.read_response()


def _line(pool: ConnectionPool) -> Connection:
    kind = type(pool)
    found = _held.lines.get(kind)
    if found is None or found[0] is not pool or found[1].pid != os.getpid():
        line: Connection = pool.connection_class(**pool.connection_kwargs)
        _held.lines[kind] = (pool, line)
        return line
    line = found[1]
    try:
        if line.is_connected and line.can_read():
            line.disconnect()  # type: ignore[no-untyped-call]
    except (RedisError, OSError, ValueError):  # the last: a socket that is shut
        line.disconnect()  # type: ignore[no-untyped-call]
    return line
