"""gunicorn's threaded worker, for clients that send one small request after another on one connection."""

import select
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

LINGER_MS = 5


class LingeringWorker(ThreadWorker):  # type: ignore[misc]
    """Stays with a connection for a moment after its answer.

    A training loop's next request is there within a few milliseconds. Without this each goes from the
    thread back to the poller, and from there to a thread again: two hand-overs under Python's lock, which
    cost more than the request's own parsing. Nobody lingers while other connections wait for a thread.
    """

    def handle(self, conn: TConn) -> Any:
        """Answer requests until none comes at once; as ``ThreadWorker.handle``."""
        is_kept = super().handle(conn)
        while is_kept is True and self.alive and self._may_linger() and _is_readable(conn):
            is_kept = super().handle(conn)
        return is_kept

    def _may_linger(self) -> bool:
        is_idle: bool = self.tpool._work_queue.empty()  # noqa: SLF001 (executors have no public word for it)
        return is_idle


def _is_readable(conn: TConn) -> bool:
    if conn.is_http2 or conn.parser.unreader.buf.getvalue():
        return False  # gunicorn knows better
    poller = select.poll()
    poller.register(conn.sock, select.POLLIN)
    return bool(poller.poll(LINGER_MS))
