"""The web server of the demo: gunicorn on loopback, as a child of this process."""

import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

from mlplatform_site.stack.ports import HOST, is_free

from .children import Child

DEFAULT_PORT = 8000
READY_SECONDS = 90


class PortTakenError(Exception):
    """The chosen port is in use."""


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


class WebServer(Child):
    """gunicorn serving the site; ``with WebServer(port) as server``."""

    def __init__(self, port: int, *, log: Path) -> None:
        self.url = f"http://{HOST}:{port}"
        command = [
            *(sys.executable, "-m", "gunicorn", "--config", "python:mlplatform_site.web.gunicorn_settings"),
            *("--bind", f"{HOST}:{port}"),
        ]
        super().__init__("The web server", command, log=log)

    def __enter__(self) -> Self:
        super().__enter__()
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and not self.has_ended:
            try:
                with urllib.request.urlopen(f"{self.url}/livez", timeout=2):  # noqa: S310
                    return self
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        self.__exit__()
        raise self.ended("did not start")
