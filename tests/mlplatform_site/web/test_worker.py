"""The real gunicorn with the platform's settings and a small application."""

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from mlplatform_site.demo.web import free_port

pytestmark = pytest.mark.fault
APPLICATION = """
import time

def application(environ, start_response):
    time.sleep(float(environ["QUERY_STRING"] or 0))
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
"""


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """One process with two threads."""
    tmp_path = tmp_path_factory.mktemp("application")
    (tmp_path / "small.py").write_text(APPLICATION)
    chosen = free_port()
    command = [sys.executable, "-m", "gunicorn", "--config", "python:mlplatform_site.web.gunicorn_settings",
               "--bind", f"127.0.0.1:{chosen}", "--workers", "1", "--threads", "2",
               "--pythonpath", str(tmp_path), "small:application"]  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        try:
            until_it_listens(chosen)
            yield chosen
        finally:
            os.kill(server.pid, signal.SIGTERM)


def until_it_listens(port: int) -> None:
    for _ in range(600):
        try:
            ask_once(port)
        except ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("gunicorn did not start")


def connect(port: int) -> closing[http.client.HTTPConnection]:
    return closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60))


def ask_once(port: int, seconds: float = 0) -> bytes:
    with connect(port) as connection:
        return ask(connection, seconds)


def ask(connection: http.client.HTTPConnection, seconds: float = 0) -> bytes:
    connection.request("GET", f"/?{seconds}")
    return connection.getresponse().read()


def test_many_requests_on_one_connection_are_answered_in_turn(port: int) -> None:
    with connect(port) as connection:
        assert {ask(connection) for _ in range(200)} == {b"ok"}


def test_a_connection_that_pauses_is_kept(port: int) -> None:
    with connect(port) as connection:
        for pause in (0.001, 0.02, 1.5):
            ask(connection)
            kept = connection.sock
            time.sleep(pause)
            assert (ask(connection), connection.sock is kept) == (b"ok", True)


def test_more_busy_connections_than_threads_all_get_their_turn(port: int) -> None:
    answers: list[bytes] = []

    def work() -> None:
        with connect(port) as connection:
            answers.extend(ask(connection) for _ in range(50))

    threads = [threading.Thread(target=work) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [b"ok"] * 500


def test_a_request_that_takes_long_does_not_hold_up_another_connection(port: int) -> None:
    slow = threading.Thread(target=lambda: ask_once(port, 8))
    slow.start()
    began = time.monotonic()
    assert ask_once(port) == b"ok"
    assert time.monotonic() - began < 6
    slow.join()
