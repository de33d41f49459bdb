"""Processes that the demo starts beside itself, and stops in order."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

PROJECT = Path(__file__).resolve().parents[2]
POLL_SECONDS = 0.5
STOP_SECONDS = 10


class ChildError(Exception):
    """A process did not start, or ended by itself."""


class Child:
    """A process with a log of its own; ``with Child(...)`` runs it."""

    def __init__(self, title: str, command: list[str], *, log: Path) -> None:
        self.title = title
        self._command, self._log = command, log

    def __enter__(self) -> Self:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            # A session of its own: Ctrl-C reaches this process, which then stops it in order.
            self.process = subprocess.Popen(
                self._command, cwd=PROJECT, start_new_session=True, stdout=log, stderr=log
            )
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)  # its children, too
                self.process.wait()

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone."""
        return self.process.poll() is not None

    def ended(self, how: str) -> ChildError:
        """The error that says so, with the end of the log."""
        return ChildError(f"{self.title} {how}. Its log ends with:\n{_tail(self._log)}")


def relay(*, log: Path) -> Child:
    """The process that delivers what no writer could deliver at once."""
    return Child("The relay", [sys.executable, "manage.py", "relay_outbox"], log=log)


def worker(*, log: Path) -> Child:
    """What runs promised tasks, and promises what is due at set times."""
    words = ["-m", "celery", "--app", "mlplatform_site.celery", "--quiet", "worker", "--beat"]
    return Child("The worker", [sys.executable, *words], log=log)


def consumer(*, log: Path) -> Child:
    """What takes events and alerts, many at once."""
    return Child("The consumer", [sys.executable, "manage.py", "consume"], log=log)


def wait(*children: Child) -> None:
    """Until interrupted.

    Raises:
        ChildError: one of them ended by itself.
    """
    while True:
        for child in children:
            if child.has_ended:
                raise child.ended("ended")
        time.sleep(POLL_SECONDS)


def _tail(path: Path) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-15:]) if path.exists() else "(no log)"
