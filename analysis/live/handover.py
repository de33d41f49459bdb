"""How an answer's connection leaves the web server's hands (mlplatform_site/web/worker.py)."""

import errno
import socket
from collections.abc import Callable


class HandOverError(ConnectionResetError):
    """Raised by an answer's iterator when its head is out and the rest is written by somebody else.

    To a server that does not know it, the client went away, and the connection is closed.

    Args:
        take: is given the connection's socket, and owns it from then on.
    """

    def __init__(self, take: Callable[[socket.socket], None]) -> None:
        super().__init__(errno.ECONNRESET, "The connection is handed over.")
        self.take = take
