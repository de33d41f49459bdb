"""Pages that follow, on the real gunicorn, while its workers and its servers are killed or hung."""

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from mlplatform_site.demo.web import free_port
from tests.following import Browser
from tests.private_stack import PrivateStack, running_stack
from tests.resilience.timing import until

pytestmark = [pytest.mark.fault, pytest.mark.slow]
WATCHERS = 50
SEEDED = """
from django.contrib.auth import get_user_model
from django.test import Client
from registry.services.api_tokens import issue_token
ada = get_user_model().objects.create_superuser("ada", password="lovelace")
browser = Client()
browser.force_login(ada)
print(browser.cookies.output(header="", attrs=[]).strip())
print(issue_token(user=ada, name="t", scopes=["read", "write"])[0])
"""


@dataclass
class Site:
    """One process with two threads, and one who is logged in there."""

    stack: PrivateStack
    port: int
    token: str
    pid: int
    cookie: str
    opened: list[socket.socket] = field(default_factory=list)
    epochs: int = 0
    run_id: str = ""

    @property
    def worker(self) -> int:
        return int(Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()[0])

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.request("POST", f"/api/1/{path}", json.dumps(body), headers)
            answer = connection.getresponse()
            found: dict[str, Any] = json.loads(answer.read())
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise ConnectionError(answer.status)
        return found

    def start_run(self) -> None:
        self.post("experiments", {"name": "e"})
        self.run_id = self.post("runs", {"experiment": "e"})["run"]["run_id"]

    def log_epoch(self) -> int:
        self.epochs += 1
        self.post(f"runs/{self.run_id}/epochs", {"epoch": self.epochs, "metrics": {"loss": 1 / self.epochs}})
        return self.epochs

    def follow(self, seen: str = "") -> Browser:
        sock = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        self.opened.append(sock)
        head = f"GET /runs/{self.run_id}/live HTTP/1.0\r\nHost: 127.0.0.1\r\nCookie: {self.cookie}\r\n"
        sock.sendall(f"{head}Last-Event-ID: {seen}\r\n\r\n".encode())
        sock.settimeout(0.05)
        return Browser(sock)

    def follow_until(self, holds: Callable[[Browser], bool], browser: Browser, *, seconds: float) -> None:
        """As a browser does: it comes back a second after its stream broke."""
        end = time.monotonic() + seconds
        while not holds(browser):
            assert time.monotonic() < end
            browser.read()
            if browser.has_ended:
                time.sleep(0.1)
                with suppress(OSError):
                    again = self.follow(browser.mark)
                    browser.sock, browser.raw, browser.has_ended = again.sock, b"", False

    def hang_up(self) -> None:
        for sock in self.opened:
            sock.close()
        self.opened.clear()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_stack(tmp_path_factory, "live") as stack:
        seeded = stack.manage("shell", "-v0", "-c", SEEDED)
        assert seeded.returncode == 0, seeded.stderr
        port = free_port()
        process = stack.begin(
            [sys.executable, "-m", "gunicorn", "--config", "python:mlplatform_site.web.gunicorn_settings",
             "--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "2",
             "--error-logfile", str(stack.folder / "gunicorn.log")]
        )  # fmt: skip
        cookie, token = seeded.stdout.split()[-2:]
        site = Site(stack, port, token, process.pid, cookie)
        until(lambda: is_up(site), seconds=60)
        yield site
        browsers = [site.follow() for _ in range(3)]
        for browser in browsers:
            browser.sees(lambda each: each.events == 1)
        began = time.monotonic()
        process.terminate()
        process.wait(20)
        assert time.monotonic() - began < 10, "open streams held up the end"
        for browser in browsers:
            browser.sees(lambda each: each.has_ended)
        site.hang_up()
        if process.stdout:
            process.stdout.close()


def is_up(site: Site) -> bool:
    try:
        with closing(HTTPConnection("127.0.0.1", site.port, timeout=1)) as connection:
            connection.request("GET", "/livez")
            return connection.getresponse().status == 200
    except OSError:
        return False


@pytest.fixture(autouse=True)
def _run(site: Site) -> Iterator[None]:
    site.start_run()
    yield
    site.hang_up()


def shows(epoch: int) -> Callable[[Browser], bool]:
    return lambda browser: f'<td class="num">{epoch}</td>' in browser.parts.get("metrics", "")


def fresh(site: Site) -> dict[str, str]:
    """What one sees who comes now."""
    browser = site.follow()
    browser.sees(lambda each: each.events == 1)
    return browser.parts


def resources(pid: int) -> tuple[int, int]:
    """Open files and threads of a process."""
    files, threads = (list(Path(f"/proc/{pid}/{kind}").iterdir()) for kind in ("fd", "task"))
    return len(files), len(threads)


def settled(pid: int) -> tuple[int, int]:
    """Once nothing was opened or shut for a second."""
    seen = [resources(pid)]

    def is_still() -> bool:
        time.sleep(1)
        seen.append(resources(pid))
        return seen[-1] == seen[-2]

    until(is_still, seconds=20)
    return seen[-1]


def test_fifty_watchers_take_two_threads_nothing_and_leave_nothing_behind(site: Site) -> None:
    fresh(site)
    site.hang_up()
    site.log_epoch()
    before = settled(site.worker)
    browsers = [site.follow() for _ in range(WATCHERS)]
    for browser in browsers:
        browser.sees(lambda each: each.events == 1)
    assert resources(site.worker)[0] >= before[0] + WATCHERS
    assert resources(site.worker)[1] <= before[1] + 1
    epoch = site.log_epoch()
    assert max(browser.sees(shows(epoch)) for browser in browsers) < 10
    site.hang_up()
    until(lambda: resources(site.worker)[0] <= before[0] + 3, seconds=20)


def test_a_worker_that_is_killed_leaves_no_gap(site: Site) -> None:
    browser = site.follow()
    site.follow_until(shows(site.log_epoch()), browser, seconds=20)
    killed = site.worker
    os.kill(killed, signal.SIGKILL)
    until(lambda: is_up(site) and site.worker != killed, seconds=40)
    site.log_epoch()
    site.follow_until(shows(site.log_epoch()), browser, seconds=20)
    assert browser.parts == fresh(site)


def test_redis_killed_and_hung_delays_and_loses_nothing(site: Site) -> None:
    browser = site.follow()
    site.follow_until(shows(site.log_epoch()), browser, seconds=20)
    os.kill(site.stack.pid("redis-cache"), signal.SIGKILL)
    site.follow_until(shows(site.log_epoch()), browser, seconds=20)
    with site.stack.hung("redis-cache"):
        site.follow_until(shows(site.log_epoch()), browser, seconds=20)
    site.follow_until(shows(site.log_epoch()), browser, seconds=20)
    assert browser.parts == fresh(site)


def test_postgresql_killed_stops_the_page_for_a_while(site: Site) -> None:
    browser = site.follow()
    site.follow_until(shows(site.log_epoch()), browser, seconds=20)
    for pid in site.stack.tree("postgres"):
        os.kill(pid, signal.SIGKILL)
    epoch = site.epochs + 1

    def logged() -> bool:
        with suppress(OSError):
            site.epochs = epoch - 1
            return site.log_epoch() == epoch
        return False

    until(logged, seconds=40)
    site.follow_until(shows(epoch), browser, seconds=20)
    assert browser.parts == fresh(site)
