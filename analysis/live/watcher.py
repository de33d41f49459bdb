"""One browser that follows a feed: its socket, what it has seen, what is still to be sent."""

import socket
from dataclasses import dataclass

from .scene import Feed, Scene

STUCK_SECONDS = 30.0
READ_BYTES = 4_096
BEAT = b":\n\n"


@dataclass(frozen=True)
class Visitor:
    """Who watches: a session, and the user it was of."""

    session_key: str
    user_pk: int


class Watcher:
    """A connection that only the hub's thread touches; nothing here waits.

    At most one event is under way. What happens meanwhile is caught up with in one step, from the newest
    scene, so a slow reader costs no memory.
    """

    def __init__(
        self, sock: socket.socket, feed: Feed, visitor: Visitor, seen: str, *, is_chunked: bool
    ) -> None:
        sock.setblocking(False)
        self.sock, self.feed, self.visitor = sock, feed, visitor
        self._seen, self._is_chunked = seen, is_chunked
        self._out = memoryview(b"")
        self._sent_at = 0.0
        self.is_gone = self.is_done = False

    @property
    def is_sending(self) -> bool:
        """Whether bytes wait for the reader."""
        return bool(self._out)

    def is_stuck(self, now: float) -> bool:
        """Whether the reader took nothing for too long."""
        return self.is_sending and now - self._sent_at > STUCK_SECONDS

    def show(self, scene: Scene, now: float) -> None:
        """Send what the reader has not seen of a scene, unless it is still busy with an earlier one."""
        if self.is_sending or self.is_done:
            return
        event = scene.event(self._seen)
        self._seen = scene.mark
        if event:
            self.send(event, now)
        self.is_done = scene.is_over

    def send(self, event: bytes, now: float) -> None:
        """Send bytes of the stream, unless others are under way."""
        if self.is_sending:
            return
        self._out = memoryview(b"%x\r\n%b\r\n" % (len(event), event) if self._is_chunked else event)
        self._sent_at = now
        self.write(now)

    def write(self, now: float) -> None:
        """Send as much as the socket takes."""
        try:
            while self._out:
                self._out = self._out[self.sock.send(self._out) :]
                self._sent_at = now
        except BlockingIOError:
            return
        except OSError:
            self.is_gone = True

    def read(self) -> None:
        """Notice that the reader left; whatever else it says is not for us."""
        try:
            self.is_gone = not self.sock.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            self.is_gone = True

    def close(self) -> None:
        """End the stream, properly where the reader keeps up."""
        if self._is_chunked and not self.is_sending and not self.is_gone:
            self._out = memoryview(b"0\r\n\r\n")
            self.write(0.0)
        self.sock.close()
