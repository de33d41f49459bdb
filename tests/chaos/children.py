"""Child processes of the harness, each a process group of its own: killed, paused, started again."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from tests.private_stack import PROJECT

# A killed process writes no coverage data, and measuring slows the rest down.
NOT_INHERITED = ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")
READY_SECONDS = 90


class Child:
    """One command that is started anew as soon as it is killed, as a service manager would."""

    def __init__(
        self, command: list[str], *, environment: dict[str, str], log: Path, is_ready: Callable[[], bool]
    ) -> None:
        self._command, self._log, self._is_ready = command, log, is_ready
        self._environment = {key: text for key, text in environment.items() if key not in NOT_INHERITED}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=PROJECT, env=self._environment, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def kill(self) -> None:
        """SIGKILL for the process and its workers, then a new start."""
        self.stop()
        self.start()

    def pause(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        if self._process is not None:
            self._signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def wait_until_back(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not self._is_ready():
            ended = self._process is None or self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                raise AssertionError(f"{self._command[:4]} is not ready. Its log ends with:\n{self._tail()}")
            time.sleep(0.05)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)

    def _tail(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-15:])
