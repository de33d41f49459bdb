"""gunicorn's threaded worker, for clients that send one small request after another on one connection.

And for browsers that follow a page: their connections leave its hands (analysis/live/handover.py).
"""

import select
import socket
import sys
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from analysis.live.handover import HandOverError

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

    def handle_request(self, req: Any, conn: TConn) -> Any:
        """Answer a request; where the answer says so, somebody else goes on with the connection."""
        try:
            return super().handle_request(req, conn)
        except HandOverError as hand_over:
            hand_over.take(socket.socket(fileno=conn.sock.detach()))
            return False

    def finish_request(self, conn: TConn, fs: Any) -> None:
        """Forget a connection that is no longer ours; gunicorn would shut it for both of us."""
        if conn.sock.fileno() < 0:
            self.nr_conns -= 1
        else:
            super().finish_request(conn, fs)

    def run(self) -> None:
        """Work until told to stop, then end the streams, too."""
        try:
            super().run()
        finally:
            end_live_pages()

    def _may_linger(self) -> bool:
        is_idle: bool = self.tpool._work_queue.empty()  # noqa: SLF001 (executors have no public word for it)
        return is_idle


def end_live_pages() -> None:
    """End what ``post_worker_init`` began; the application may not have been loaded."""
    running = sys.modules.get("analysis.live.running")
    if running is not None:
        running.stop()


def _is_readable(conn: TConn) -> bool:
    if conn.is_http2 or conn.parser.unreader.buf.getvalue():
        return False  # gunicorn knows better
    poller = select.poll()
    poller.register(conn.sock, select.POLLIN)
    return bool(poller.poll(LINGER_MS))
