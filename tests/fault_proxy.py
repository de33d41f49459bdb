"""A TCP proxy on loopback that misbehaves on command.

Modes: ``ok`` | ``latency`` (each piece late by ``delay`` seconds) | ``blackhole`` (connects are taken, bytes
are swallowed both ways, nothing is ever closed) | ``half-open`` (requests pass, answers are swallowed) |
``reset`` (connections, old and new, end with RST) | ``refuse`` (nothing listens; old connections end).
"""

import contextlib
import select
import socket
import struct
import threading
import time
from typing import Literal, Self

Mode = Literal["ok", "latency", "blackhole", "half-open", "reset", "refuse"]
RST = struct.pack("ii", 1, 0)
TICK = 0.05
PIECE = 65_536


class FaultProxy:
    """``with FaultProxy(port) as proxy: proxy.mode = "blackhole"``; clients connect to ``proxy.port``."""

    def __init__(self, target_port: int, *, delay: float = 0.2) -> None:
        self._target = ("127.0.0.1", target_port)
        self.delay = delay
        self._mode: Mode = "ok"
        self._pairs: set[tuple[socket.socket, socket.socket | None]] = set()
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._listener: socket.socket | None = _listening(0)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def mode(self) -> Mode:
        return self._mode

    @mode.setter
    def mode(self, mode: Mode) -> None:
        previous, self._mode = self._mode, mode
        if mode == "refuse":
            self._stop_listening()
        elif self._listener is None:
            self._listener = _listening(self.port)
        # A server that comes back after swallowing bytes can't go on in the middle of a stream.
        if mode in ("reset", "refuse") or (mode == "ok" and previous in ("blackhole", "half-open")):
            self._end_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._stop_listening()
        self._end_all()

    def _stop_listening(self) -> None:
        if self._listener is not None:
            listener, self._listener = self._listener, None
            listener.close()

    def _accept(self) -> None:
        while not self._is_over.is_set():
            listener = self._listener
            try:
                if listener is None or not select.select([listener], [], [], TICK)[0]:
                    self._is_over.wait(TICK if listener is None else 0)
                    continue
                client = listener.accept()[0]
            except (OSError, ValueError):  # closed meanwhile
                continue
            self._serve(client)

    def _serve(self, client: socket.socket) -> None:
        if self._mode == "reset":
            _reset(client)
            return
        server = None
        if self._mode != "blackhole":
            try:
                server = socket.create_connection(self._target, timeout=2)
            except OSError:
                _reset(client)
                return
            server.settimeout(None)
        pair = (client, server)
        with self._lock:
            self._pairs.add(pair)
        threading.Thread(target=self._pump, args=(pair, client, server), daemon=True).start()
        if server is not None:
            threading.Thread(target=self._pump, args=(pair, server, client), daemon=True).start()

    def _pump(
        self,
        pair: tuple[socket.socket, socket.socket | None],
        source: socket.socket,
        sink: socket.socket | None,
    ) -> None:
        is_answer = source is pair[1]
        try:
            while piece := source.recv(PIECE):
                if self._mode == "latency":
                    time.sleep(self.delay)
                swallowed = self._mode == "blackhole" or (self._mode == "half-open" and is_answer)
                if sink is not None and not swallowed:
                    sink.sendall(piece)
        except (OSError, ValueError):
            pass
        while self._mode == "blackhole" and is_answer and not self._is_over.wait(TICK):
            pass  # the end of the stream is swallowed as well
        self._end(pair)

    def _end_all(self) -> None:
        with self._lock:
            pairs = list(self._pairs)
        for pair in pairs:
            self._end(pair)

    def _end(self, pair: tuple[socket.socket, socket.socket | None]) -> None:
        with self._lock:
            if pair not in self._pairs:
                return
            self._pairs.remove(pair)
        for end in pair:
            if end is not None:
                _reset(end)


def _listening(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(128)
    return listener


def _reset(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RST)
        # Also wakes the thread that reads it; close alone would not.
        end.shutdown(socket.SHUT_RD)
    end.close()
