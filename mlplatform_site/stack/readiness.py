"""Waiting until a started server is ready for work, and is ours."""

import contextlib
import time

from . import processes, supervision
from .errors import StackError
from .layout import Layout
from .server import Context, Server

READY_SECONDS = 60
# One that keeps dying: not at once, since a killed PostgreSQL first waits for its old backends to leave.
DYING_STARTS, DYING_SECONDS = 4, 8
STRANGER_SECONDS = 1.5  # a server that comes back meanwhile has another process id
TAIL_LINES = 8


class PortTakenError(Exception):
    """Somebody else's server answers on a port of ours."""


def wait(server: Server, context: Context) -> None:
    """Return when the server is ready.

    Raises:
        PortTakenError: a stranger serves its port; it was told nothing.
        StackError: it keeps dying, or takes too long.
    """
    began, stranger_since = time.monotonic(), None
    starts: set[int] = set()
    while True:
        pid = supervision.pid_of(context.where, server.name)
        starts |= {pid} if pid else set()
        now = time.monotonic()
        if processes.stranger_listens(context.ports[server.name], pid):
            stranger_since = stranger_since or now
            if now - stranger_since > STRANGER_SECONDS:
                raise PortTakenError(server.title)
        else:
            stranger_since = None
            try:
                server.probe(context)
            except Exception as error:
                is_dying = len(starts) >= DYING_STARTS and now - began > DYING_SECONDS
                if is_dying or now - began > READY_SECONDS:
                    raise _not_ready(context.where, server, error) from error
            else:
                return
        time.sleep(0.03)


def tail(where: Layout, name: str, lines: int) -> str:
    """The last lines of a server's log.

    Raises:
        OSError: there is no such log.
    """
    return "\n".join(where.log(name).read_text(errors="replace").splitlines()[-lines:])


def _not_ready(where: Layout, server: Server, error: Exception) -> StackError:
    with contextlib.suppress(OSError):
        return StackError(
            f"{server.title} did not become ready: {error}. Its log ends with:\n"
            f"{tail(where, server.name, TAIL_LINES)}",
            f"See the whole log: manage.py stack logs {server.name}. Is the disk full?",
        )
    return StackError(f"{server.title} did not become ready: {error}.", f"Look at {where.logs}.")
