"""Where a round is played: who answers the requests, whom the nemesis can hit, how one reads the end."""

import http.client
import time
from typing import Protocol

from mlplatform_site.demo.web import free_port
from registry import crash_points
from tests.private_stack import PrivateStack

from . import naive, reading, servers
from .checker import Snapshot
from .children import Child
from .ledger import Ledger
from .servers import Target

HAND_OVER_SECONDS = 2


class Arena(Protocol):
    """One protocol on one stack."""

    name: str
    url: str
    token: str

    def open(self) -> dict[str, Target]:
        """Start what serves; returns whom the nemesis can hit."""

    def settle(self, ledger: Ledger) -> float:
        """Wait for quiescence; returns the seconds."""

    def read(self, ledger: Ledger) -> Snapshot: ...
    def close(self) -> None: ...


class NaiveArena:
    """The dual write, in tables and collections of its own."""

    token = "none"

    def __init__(self, stack: PrivateStack, variant: str, *, crash_at: str = "") -> None:
        self.name, self._stack = variant, stack
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        urls = {name: stack.url(name) for name in ("DATABASE_URL", "MONGODB_URL")}
        self._web = Child(
            stack.python("-m", "tests.chaos.naive", variant, str(port)),
            environment={**stack.environment(), **urls, crash_points.VARIABLE: crash_at},
            log=stack.folder / "log" / "chaos-naive.log",
            is_ready=lambda: answers(port, "/"),
        )

    def open(self) -> dict[str, Target]:
        with reading.postgres(self._stack) as connection, connection.cursor() as cursor:
            cursor.execute(naive.SCHEMA)
        with reading.mongodb(self._stack.url("MONGODB_URL")) as database:
            database[naive.TABLE].drop()
        self.start()
        return {**servers.stores(self._stack), "web": self._web}

    def start(self) -> None:
        self._web.start()
        self._web.wait_until_back()

    def settle(self, _ledger: Ledger) -> float:
        time.sleep(HAND_OVER_SECONDS)
        return HAND_OVER_SECONDS

    def read(self, _ledger: Ledger) -> Snapshot:
        return reading.read_naive(self._stack)

    def close(self) -> None:
        self._web.stop()


def answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
