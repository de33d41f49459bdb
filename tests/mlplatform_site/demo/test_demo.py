"""``make demo`` from outside: started, visited, stopped (seeding has tests of its own)."""

import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mlplatform_site.demo.browser import Visitor
from mlplatform_site.stack import lifecycle
from tests.private_stack import PrivateStack

pytestmark = [pytest.mark.fault, pytest.mark.slow]
SHOWN = re.compile(r"\b(Site|Runs|Admin|User|Password|API token) +(\S+)")


class Demo:
    """A demo that runs, and what it printed."""

    def __init__(self, process: "subprocess.Popen[str]", printed: str) -> None:
        self.process = process
        self.printed = printed
        self.shown = dict(SHOWN.findall(printed))
        self.visitor = Visitor(self.shown["Site"].rstrip("/"))

    def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=60)


@contextmanager
def running(stack: PrivateStack, *words: str) -> Iterator[Demo]:
    """Until its last line is printed; killed at the end if the test has not stopped it."""
    command = [sys.executable, "-u", "manage.py", "demo", "--no-seed", *words]
    process = stack.begin(command)
    printed = ""
    try:
        for line in process.stdout or ():
            printed += line
            if line.startswith("Ctrl-C stops"):
                break
        else:
            pytest.fail(f"The demo ended with {process.wait()}: {printed}")
        yield Demo(process, printed)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=60)
        if process.stdout:
            process.stdout.close()


@pytest.fixture(scope="module")
def first(private_stack: PrivateStack) -> Iterator[Demo]:
    """One that found the stores running."""
    private_stack.start()
    with running(private_stack) as demo:
        yield demo


def servers(stack: PrivateStack) -> int:
    return sum(status.pid is not None for status in lifecycle.status(stack.folder))


@pytest.mark.parametrize(("number", "is_new"), [(signal.SIGINT, True), (signal.SIGTERM, False)])
def test_demo_starts_the_stores_lets_people_in_and_stops_what_it_started(
    private_stack: PrivateStack, tmp_path: Path, number: signal.Signals, *, is_new: bool
) -> None:
    stack = PrivateStack(tmp_path / "stack") if is_new else private_stack
    lifecycle.stop(stack.folder)
    with running(stack) as demo:
        assert demo.visitor.get("/readyz").status == 200
        assert demo.visitor.log_in(demo.shown["User"], demo.shown["Password"]).status == 302
        assert demo.visitor.get("/admin/").status == 200
        assert servers(stack) == 4
        assert demo.stop(number) == 0
        with pytest.raises(OSError, match="refused"):
            demo.visitor.get("/livez")
    assert servers(stack) == 0


def test_demo_says_how_to_point_an_mlflow_client_at_it(first: Demo) -> None:
    lines = first.printed.splitlines()
    assert f"export MLFLOW_TRACKING_URI={first.shown['Site'].rstrip('/')}" in lines
    assert f"export MLFLOW_TRACKING_TOKEN={first.shown['API token']}" in lines


def test_second_demo_takes_the_next_port_keeps_the_password_and_leaves_the_stores(
    private_stack: PrivateStack, first: Demo
) -> None:
    with running(private_stack) as second:
        assert first.shown["Site"] != second.shown["Site"]
        assert first.shown["Password"] == second.shown["Password"]
        assert second.stop() == 0
        assert first.visitor.get("/readyz").status == 200
    assert first.stop() == 0
    assert servers(private_stack) == 4
    assert stat.S_IMODE((private_stack.folder / "secrets.json").stat().st_mode) == 0o600


def test_demo_refuses_a_chosen_port_that_is_taken(private_stack: PrivateStack) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = private_stack.manage("demo", "--no-seed", "--port", str(port))
    assert result.returncode == 1
    assert f"Port {port} is in use. Choose another: make demo PORT={port + 1}" in result.stderr
    assert servers(private_stack) == 4
