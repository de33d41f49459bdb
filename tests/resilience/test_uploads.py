"""The real server (gunicorn) and bodies that lie, never end, or break off (abuse cases A10 to A12)."""

import json
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mlplatform_site.demo.web import free_port
from tests.private_stack import PrivateStack, running_stack
from tests.resilience.timing import until

pytestmark = [pytest.mark.fault, pytest.mark.slow]
SEEDED = """
import json
from django.contrib.auth import get_user_model
from registry.services.api_tokens import issue_token
from registry.tracking import Tracker
ada = get_user_model().objects.create_superuser("ada", password="lovelace")
with Tracker(user="ada").start_run(experiment="e") as run:
    pass
from registry.models import TrainingRun
found = TrainingRun.objects.get(run_id=run.run_id)
print(json.dumps([issue_token(user=ada, name="t", scopes=("read", "write"))[0],
                  f"{found.experiment.experiment_id}/{found.run_id}/artifacts"]))
"""
MB = 1024**2
END = b"0\r\n\r\n"


@dataclass
class Site:
    """One worker; a file may have 1 MB."""

    stack: PrivateStack
    url: str
    token: str
    place: str

    def put(self, name: str, *headers: str, body: bytes, then: Callable[[socket.socket], None]) -> bytes:
        """The answer, or nothing where the server hung up, to these bytes as they are."""
        server = urlsplit(self.url)
        head = (
            f"PUT /api/2.0/mlflow-artifacts/artifacts/{self.place}/{name} HTTP/1.1",
            "Host: localhost",
            f"Authorization: Bearer {self.token}",
            *headers,
        )
        with socket.create_connection((server.hostname, server.port), timeout=20) as connection:
            connection.sendall("\r\n".join((*head, "", "")).encode() + body)
            then(connection)
            try:
                return connection.recv(65_536)
            except ConnectionError:
                return b""

    def names(self) -> list[str]:
        """Files of the run."""
        code = "from registry.models import Artifact; print(*Artifact.objects.values_list('path', flat=True))"
        return self.stack.manage("shell", "-v0", "-c", code).stdout.split()

    def temporary(self) -> list[Path]:
        return list((self.stack.folder / "artifacts" / "tmp").glob("*"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_stack(tmp_path_factory, "uploads") as stack:
        token, place = json.loads(stack.manage("shell", "-v0", "-c", SEEDED).stdout.splitlines()[-1])
        address = f"127.0.0.1:{free_port()}"
        process = stack.begin(
            ["env", "ARTIFACT_MAX_MB=1", f"ARTIFACT_ROOT={stack.folder / 'artifacts'}",
             sys.executable, "-m", "gunicorn", "mlplatform_site.wsgi", "--bind", address, "--workers", "1",
             "--threads", "4", "--worker-class", "gthread", "--timeout", "60", "--no-control-socket",
             "--error-logfile", str(stack.folder / "gunicorn.log")]
        )  # fmt: skip
        try:
            until(lambda: listens(address), seconds=60)
            yield Site(stack, f"http://{address}", token, place)
        finally:
            process.terminate()
            process.wait(20)
            if process.stdout:
                process.stdout.close()


def listens(address: str) -> bool:
    host, port = address.split(":")
    try:
        with socket.create_connection((host, int(port)), timeout=1):
            return True
    except OSError:
        return False


def nothing(_connection: socket.socket) -> None:
    """Wait for the answer."""


def hang_up(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_WR)


def go_on_for_ever(connection: socket.socket) -> None:
    """Chunk after chunk, until the server has had enough."""
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    try:
        for _ in range(1_000):
            connection.sendall(chunk)
    except OSError:
        return
    raise AssertionError("The server took 64 MB where it may take 1.")


CHUNKED = "Transfer-Encoding: chunked"
LYING = {
    "it breaks off": (["Content-Length: 100"], b"abc", hang_up, (b"400",)),
    "it has more than it said": (["Content-Length: 3"], b"abcGET / HTTP/1.1\r\n\r\n", nothing, (b"200",)),
    "a chunk breaks off": ([CHUNKED], b"64\r\nabc", hang_up, (b"400",)),
    "chunks without end": ([CHUNKED], b"", go_on_for_ever, (b"413", b"")),
    "chunks that stop before the last": ([CHUNKED], b"3\r\nabc\r\n", hang_up, (b"400",)),
    "a chunk of no size": ([CHUNKED], b"x\r\nabc\r\n", nothing, (b"400",)),
    "a length and chunks": ([CHUNKED, "Content-Length: 3"], b"3\r\nabc\r\n" + END, nothing, (b"400",)),
    "two lengths": (["Content-Length: 3", "Content-Length: 4"], b"abc", nothing, (b"400",)),
    "chunks twice over": (["Transfer-Encoding: chunked, chunked"], b"3\r\nabc\r\n" + END, nothing, (b"400", b"501")),
    "a length over the limit": ([f"Content-Length: {2 * MB}"], b"", nothing, (b"413",)),
    "a negative length": (["Content-Length: -1"], b"", nothing, (b"400",)),
    "gzip": (["Content-Length: 3", "Content-Encoding: gzip"], b"abc", nothing, (b"415",)),
    "gzip on the way": (["Transfer-Encoding: gzip, chunked"], b"3\r\nabc\r\n" + END, nothing, (b"400", b"501")),
}  # fmt: skip


def status(answer: bytes) -> bytes:
    return answer.split(b" ")[1] if answer else b""


def test_bodies_that_lie_are_refused_and_leave_nothing(site: Site) -> None:
    found = {}
    for name, (headers, body, then, expected) in LYING.items():
        got = status(site.put(name.replace(" ", "-"), *headers, body=body, then=then))
        found[name] = got in expected or got
    assert found == dict.fromkeys(LYING, True)
    assert site.names() == ["it-has-more-than-it-said"]
    until(lambda: site.temporary() == [], seconds=20)


def test_bodies_in_chunks_are_taken(site: Site) -> None:
    assert status(site.put("empty", CHUNKED, body=END, then=nothing)) == b"200"
    body = b"3;name=value\r\nabc\r\n" + b"10000\r\n" + b"x" * 65_536 + b"\r\n" + END
    assert status(site.put("chunks", CHUNKED, body=body, then=nothing)) == b"200"
    assert {"empty", "chunks"} <= set(site.names())


def test_many_that_break_off_keep_nobody_waiting(site: Site) -> None:
    server = urlsplit(site.url)
    head = f"PUT /api/2.0/mlflow-artifacts/artifacts/{site.place}/slow HTTP/1.1\r\nHost: localhost\r\n"
    for _ in range(20):
        with socket.create_connection((server.hostname, server.port), timeout=20) as connection:
            connection.sendall(head.encode())
    began = time.monotonic()
    assert status(site.put("after", "Content-Length: 3", body=b"abc", then=nothing)) == b"200"
    assert time.monotonic() - began < 20
