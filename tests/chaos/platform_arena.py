"""The platform itself: the site under gunicorn, the relay beside it, every store behind them."""

import random
import time

from mlplatform_site.demo.web import WebServer, free_port
from tests.private_stack import PrivateStack

from . import platform_reading, servers
from .arenas import answers
from .checker import Record, Snapshot
from .children import Child
from .http_client import Api
from .ledger import Ledger
from .report import PLATFORM
from .servers import Target

SETTLE_SECONDS = 90
PREPARE = """
from mlplatform_site.demo.preparation import prepare
print("token", prepare(lambda line: None, is_seeded=False).token)
"""


class PlatformArena:
    """Ours."""

    name = PLATFORM
    token = ""

    def __init__(self, stack: PrivateStack) -> None:
        self._stack = stack
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        log = stack.folder / "log" / "chaos-web.log"
        # the demo's own command line: workers, threads and limits as people run it
        command = WebServer(port, log=log)._command
        environment = stack.environment()
        self._web = Child(command, environment=environment, log=log, is_ready=lambda: answers(port, "/livez"))
        self._relay = Child(
            stack.python("manage.py", "relay_outbox"),
            environment=environment,
            log=stack.folder / "log" / "chaos-relay.log",
            is_ready=lambda: True,
        )

    def open(self) -> dict[str, Target]:
        done = self._stack.manage("shell", "--verbosity", "0", "-c", PREPARE)
        assert done.returncode == 0, done.stderr
        self.token = done.stdout.split()[-1]
        for child in (self._web, self._relay):
            child.start()
        for child in (self._web, self._relay):
            child.wait_until_back()
        return {**servers.stores(self._stack), "web": self._web, "relay": self._relay}

    def settle(self, ledger: Ledger) -> float:
        began = time.monotonic()
        while (
            platform_reading.owed(self._stack, ledger.experiment)[0]
            and time.monotonic() - began < SETTLE_SECONDS
        ):
            time.sleep(0.05)
        return time.monotonic() - began

    def read(self, ledger: Ledger) -> Snapshot:
        rows = platform_reading.rows_of(self._stack, ledger.experiment)
        waiting, parked = platform_reading.owed(self._stack, ledger.experiment)
        return Snapshot(
            postgres=rows,
            mongodb=platform_reading.documents_of(
                self._stack, ledger.experiment, self._stack.url("MONGODB_URL")
            ),
            owed=waiting,
            parked=parked,
            stale=self._stale(rows),
            leaderboard_errors=platform_reading.misplaced(self._stack, ledger.experiment),
        )

    def close(self) -> None:
        self._web.stop()
        self._relay.stop()

    def _stale(self, rows: list[Record]) -> list[str]:
        """Answers of the API, from whatever cache they come, that PostgreSQL contradicts."""
        api, found = Api(self.url, self.token, random.Random(0)), []
        for row in rows:
            answer = api.insist("GET", f"/api/1/runs/{row.run_id}", None, "").body["run"]
            shown = {
                "status": answer["status"], "accuracy": answer["accuracy"],
                "deleted": answer["lifecycle"] == "deleted", "stage": answer["tags"].get("stage"),
            }  # fmt: skip
            if any(row.fields[name] != value for name, value in shown.items()):
                found.append(f"{row} is shown as {shown}")
        api.close()
        return found
