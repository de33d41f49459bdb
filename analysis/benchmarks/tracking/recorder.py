"""Records what a server says to PostgreSQL: a proxy that reads along, to repeat it without the server."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Self

HOST = "127.0.0.1"
REFUSALS = (80_877_103, 80_877_104)  # a client asks for TLS or GSS; the server says no, in one byte
CHUNK = 1 << 16


@dataclass(slots=True)
class Statement:
    """One simple query of one connection, with the data of its COPY, said while ``label`` was set."""

    connection: int
    label: str
    sql: bytes
    data: bytearray = field(default_factory=bytearray)


class Recorder:
    """A proxy before PostgreSQL; ``with Recorder(port) as recorder``.

    Queries of the simple protocol are recorded, which is all that psycopg2 speaks.
    """

    def __init__(self, port: int) -> None:
        self._target = (HOST, port)
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self.statements: list[Statement] = []
        self._label = ""
        self._connections = 0

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    @contextmanager
    def labelled(self, label: str) -> Iterator[None]:
        """What is said meanwhile carries this label."""
        self._label = label
        try:
            yield
        finally:
            self._label = ""

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._connections += 1
            server = socket.create_connection(self._target)
            for each in (client, server):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            reading = _Reading(self, self._connections)
            threading.Thread(target=_serve, args=(client, server, reading), daemon=True).start()

    def heard(self, connection: int, kind: bytes, body: bytes) -> None:
        """A message of a client."""
        if kind == b"Q":
            self.statements.append(Statement(connection, self._label, body.rstrip(b"\0")))
        elif kind == b"d":
            last = next(each for each in reversed(self.statements) if each.connection == connection)
            last.data += body


class _Reading:
    """Cuts one client's bytes into messages."""

    def __init__(self, recorder: Recorder, connection: int) -> None:
        self._recorder, self._connection = recorder, connection
        self._data = bytearray()
        self._has_started = False

    def read(self, data: bytes) -> None:
        self._data += data
        while (end := self._end()) and len(self._data) >= end:
            message = bytes(self._data[:end])
            del self._data[:end]
            if self._has_started:
                self._recorder.heard(self._connection, message[:1], message[5:])
            else:
                self._has_started = struct.unpack("!I", message[4:8])[0] not in REFUSALS

    def _end(self) -> int:
        """Where the first message ends; 0 where its length is not there yet."""
        head = 1 if self._has_started else 0
        if len(self._data) < head + 4:
            return 0
        length: int = struct.unpack("!I", self._data[head : head + 4])[0]
        return head + length


def _serve(client: socket.socket, server: socket.socket, reading: _Reading) -> None:
    with client, server:
        answers = threading.Thread(target=_pump, args=(server, client, None), daemon=True)
        answers.start()
        _pump(client, server, reading)
        answers.join()


def _pump(source: socket.socket, target: socket.socket, reading: _Reading | None) -> None:
    """Pass on what comes until either end is gone; then the other direction ends as well."""
    try:
        while data := source.recv(CHUNK):
            if reading is not None:
                reading.read(data)
            target.sendall(data)
    except OSError:
        pass
    finally:
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
