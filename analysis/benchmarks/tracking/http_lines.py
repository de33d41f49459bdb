"""A lean HTTP/1.1 connection: keeps alive where the server does, sends a request in one packet."""

import socket
from dataclasses import dataclass
from typing import Self

LIMIT = 1 << 18
SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and whole body of a response."""

    status: int
    body: bytes


class Connection:
    """One client of one server; a connection that the server closes is opened anew for the next request.

    Args:
        host, port: the server.
        headers: sent with every request, such as ``Authorization``.
    """

    def __init__(self, host: str, port: int, headers: dict[str, str]) -> None:
        self._address = (host, port)
        lines = {"Host": f"{host}:{port}", **headers}
        self._head = "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode()
        self._socket: socket.socket | None = None
        self.opened = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def packet(self, method: str, path: str, body: bytes | None, kind: str = "application/json") -> bytes:
        """The bytes of a request, made beforehand so that the measurement does not pay for it."""
        head = f"{method} {path} HTTP/1.1\r\n".encode() + self._head
        if body is None:
            return head + b"\r\n"
        return head + f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body

    def ask(self, method: str, path: str, body: bytes | None = None) -> Answer:
        """Send a request and read its answer."""
        return self.send(self.packet(method, path, body))

    def send(self, packet: bytes) -> Answer:
        """Send the bytes of a request and read the answer.

        Raises:
            ConnectionError: the server hung up before it answered.
        """
        if self._socket is None:
            self._socket = socket.create_connection(self._address, SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.opened += 1
        self._socket.sendall(packet)
        return self._read(self._socket)

    def _read(self, stream: socket.socket) -> Answer:
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += _some(stream)
        status, fields = _head(data[:end])
        rest = data[end + 4 :]
        if "content-length" in fields:
            body = _exactly(stream, rest, int(fields["content-length"]))
        elif fields.get("transfer-encoding") == "chunked":
            body = _chunks(stream, rest)
        else:
            body = _until_closed(stream, rest)
            self.close()
        if fields.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, body)


def _head(data: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = data.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    return int(first.split(" ", 2)[1]), {name.lower(): value.strip() for name, _, value in pairs}


def _some(stream: socket.socket) -> bytes:
    if not (data := stream.recv(LIMIT)):
        raise ConnectionError("The server hung up before its answer was whole.")
    return data


def _exactly(stream: socket.socket, begun: bytes, length: int) -> bytes:
    parts, missing = [begun], length - len(begun)
    while missing > 0:
        parts.append(_some(stream))
        missing -= len(parts[-1])
    return b"".join(parts)


def _until_closed(stream: socket.socket, begun: bytes) -> bytes:
    parts = [begun]
    while data := stream.recv(LIMIT):
        parts.append(data)
    return b"".join(parts)


def _chunks(stream: socket.socket, data: bytes) -> bytes:
    parts = []
    while True:
        while (end := data.find(b"\r\n")) < 0:
            data += _some(stream)
        size = int(data[:end].split(b";")[0], 16)
        data = data[end + 2 :]
        if len(data) < size + 2:
            data = _exactly(stream, data, size + 2)
        parts.append(data[:size])
        data = data[size + 2 :]
        if size == 0:
            return b"".join(parts)
