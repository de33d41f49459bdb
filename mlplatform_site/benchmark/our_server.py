"""Our server as the demo starts it: gunicorn, and the relay beside it."""

import time
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from analysis.benchmarks.tracking.servers import OURS, ServerAddress
from mlplatform_site.demo import children
from mlplatform_site.demo.web import WebServer, free_port

from .surroundings import environment


class OurServer:
    """Web server and relay; ``with OurServer(...) as server`` waits until it answers.

    Args:
        token: of the API.
        database: URL of PostgreSQL.
        folder: for the logs.
        has_relay: False leaves the relay out.
    """

    def __init__(self, *, token: str, database: str, folder: Path, has_relay: bool = True) -> None:
        self._token, self._database, self._logs = token, database, folder / "log"
        self._has_relay = has_relay
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        began = time.monotonic()
        with environment(DATABASE_URL=self._database):
            web = self._stack.enter_context(WebServer(free_port(), log=self._logs / "web.log"))
            self.start_seconds = time.monotonic() - began
            roots = [("web", web.process.pid)]
            if self._has_relay:
                relay = self._stack.enter_context(children.relay(log=self._logs / "relay.log"))
                roots.append(("relay", relay.process.pid))
        self.address = ServerAddress(OURS, web.url, self._database, self._token, tuple(roots))
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()
