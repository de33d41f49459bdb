"""A browser's end of a stream of server-sent events."""

import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Browser:
    """Reads a stream as a browser does."""

    sock: socket.socket
    is_chunked: bool = True
    raw: bytes = b""
    parts: dict[str, str] = field(default_factory=dict)
    mark: str = ""
    events: int = 0
    is_over: bool = False
    has_ended: bool = False

    def read(self) -> None:
        """Take in what is there within a moment."""
        try:
            data = self.sock.recv(1 << 20)
        except TimeoutError:
            return
        except OSError:
            data = b""
        self.has_ended = not data
        self.raw += data
        while b"\n\n" in self.raw:
            event, _, self.raw = self.raw.partition(b"\n\n")
            self._take(event.decode())

    def _take(self, event: str) -> None:
        for line in event.splitlines():
            if line.startswith("id: "):
                self.mark = line.removeprefix("id: ")
            if line.startswith("data: "):
                data: dict[str, Any] = json.loads(line.removeprefix("data: "))
                self.parts |= data["parts"]
                self.is_over, self.events = data["over"], self.events + 1

    def sees(self, holds: Callable[["Browser"], bool], *, seconds: float = 20.0) -> float:
        """Read until it holds; returns how long that took."""
        began = time.monotonic()
        while not holds(self):
            assert time.monotonic() - began < seconds, "it was not seen in time"
            self.read()
        return time.monotonic() - began
