"""The raw driver against a small server: what it sends, reads, counts."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from analysis.benchmarks.tracking import processes
from analysis.benchmarks.tracking.http_lines import Connection
from analysis.benchmarks.tracking.raw_driver import Plan, Seen, filler


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"5\r\nhello\r\n6\r\n there\r\n0\r\n\r\n")

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        page = (
            b'{"run_name": "a", "next_page_token": "t"}'
            if b"page_token" not in asked
            else b'{"run_name":"b"}'
        )
        self._answer(200, page)

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(400, b"no")

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def drive(plan: Plan) -> list[Seen]:
    command = [sys.executable, "-m", "analysis.benchmarks.tracking.raw_driver"]
    done = subprocess.run(command, input=json.dumps(plan), capture_output=True, text=True, check=True)
    found: list[Seen] = json.loads(done.stdout)
    return found


def plan(port: int, *requests: tuple[str, str, str | int | None], clients: int = 1) -> Plan:
    return Plan(host="127.0.0.1", port=port, headers={}, clients=[list(requests)] * clients, keep=1)


def test_requests_are_kept_alive_and_chunks_are_put_together(port: int) -> None:
    with Connection("127.0.0.1", port, {}) as connection:
        assert [connection.ask("GET", "/").body for _ in range(3)] == [b"hello there"] * 3
        assert connection.opened == 1


def test_clients_ask_side_by_side_and_tell_what_they_saw(port: int) -> None:
    seen = drive(plan(port, ("GET", "/", None), ("GET", "/", None), clients=2))
    assert [(len(each["seconds"]), each["bodies"], each["lengths"]) for each in seen] == [
        (2, ["hello there"], [11, 11])
    ] * 2
    assert all(each["began"] <= each["ended"] and not each["errors"] for each in seen)


def test_a_refusal_is_an_error_of_the_turn(port: int) -> None:
    (seen,) = drive(plan(port, ("PUT", "/file", 1_000)))
    assert seen["errors"] == ["400: b'no'"]


def test_a_walk_follows_the_tokens_and_tells_all_names(port: int) -> None:
    (seen,) = drive(plan(port, ("WALK", "/search", "{}")))
    assert (seen["bodies"], len(seen["seconds"])) == (["a\nb"], 1)


def hang_up(listener: socket.socket) -> None:
    listener.accept()[0].close()


def test_a_server_that_hangs_up_is_not_measured() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=hang_up, args=[listener], daemon=True).start()
        with pytest.raises(subprocess.CalledProcessError) as caught:
            drive(plan(listener.getsockname()[1], ("GET", "/", None)))
    assert re.search("ConnectionError|ConnectionResetError|BrokenPipe", caught.value.stderr)
    assert "A client failed" in caught.value.stderr


def test_filler_is_as_long_as_wanted_and_always_the_same() -> None:
    assert len(filler(100_001)) == 100_001
    assert filler(5) == filler(9)[:5]


def test_a_process_tells_its_memory_and_processor_time() -> None:
    mine = processes.tree(os.getpid())
    assert mine[0] == os.getpid()
    used = processes.memory_mb(mine[:1])
    assert 0 < used["pss"] <= used["rss"]
    assert processes.cpu_seconds(mine[:1]) > 0
    assert processes.cpu_seconds([2**22 + 1]) == 0
