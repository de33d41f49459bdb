"""The web server of the demo: gunicorn on loopback, as a child of this process."""

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

from mlplatform_site.stack.ports import HOST, is_free

DEFAULT_PORT = 8000
READY_SECONDS = 30
PROJECT = Path(__file__).resolve().parents[2]


class PortTakenError(Exception):
    """The chosen port is in use."""


class WebServerError(Exception):
    """The web server did not start, or ended by itself."""


def choose_port(wanted: int | None) -> int:
    """The wanted port, else 8000 or the next that is free.

    Raises:
        PortTakenError: the wanted port is in use, or none is free.
    """
    if wanted is not None:
        if not is_free(wanted):
            raise PortTakenError(f"Port {wanted} is in use. Choose another: make demo PORT={wanted + 1}")
        return wanted
    for port in range(DEFAULT_PORT, DEFAULT_PORT + 100):
        if is_free(port):
            return port
    raise PortTakenError("No port from 8000 to 8099 is free. Choose one: make demo PORT=9000")


def free_port() -> int:
    """Any free port."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


class WebServer:
    """gunicorn serving the site; ``with WebServer(port) as server``."""

    def __init__(self, port: int, *, log: Path) -> None:
        self.url = f"http://{HOST}:{port}"
        self._log = log
        self._command = [
            *(sys.executable, "-m", "gunicorn", "mlplatform_site.wsgi"),
            *("--bind", f"{HOST}:{port}", "--workers", "2", "--threads", "4", "--worker-class", "gthread"),
            *("--timeout", "60", "--graceful-timeout", "5", "--access-logfile", str(log)),
            *("--error-logfile", str(log), "--no-control-socket"),
        ]

    def __enter__(self) -> Self:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        # A session of its own: Ctrl-C reaches this process, which then stops it in order.
        self.process = subprocess.Popen(
            self._command,
            cwd=PROJECT,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
        )
        self._wait_until_ready()
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def wait(self) -> None:
        """Serve until interrupted.

        Raises:
            WebServerError: the server ended by itself.
        """
        self.process.wait()
        raise WebServerError(f"The web server ended. Its log ends with:\n{_tail(self._log)}")

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/livez", timeout=2):  # noqa: S310
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        self.__exit__()
        raise WebServerError(f"The web server did not start. Its log ends with:\n{_tail(self._log)}")


def _tail(path: Path) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-15:]) if path.exists() else "(no log)"
