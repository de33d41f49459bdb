"""The platform itself: the site under gunicorn, the relay beside it, every store behind them."""

import time

from mlplatform_site.demo.web import WebServer, free_port
from tests.private_stack import PrivateStack

from . import platform_reading, servers
from .arenas import answers
from .checker import Snapshot
from .children import Child
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
        self._reader = Child(
            stack.python("-m", "tests.chaos.reader"),
            environment={**environment, "DJANGO_SETTINGS_MODULE": "mlplatform_site.settings"},
            log=stack.folder / "log" / "chaos-reader.log",
            is_ready=lambda: True,
        )

    def open(self) -> dict[str, Target]:
        done = self._stack.manage("shell", "--verbosity", "0", "-c", PREPARE)
        assert done.returncode == 0, done.stderr
        self.token = done.stdout.split()[-1]
        for child in (self._web, self._relay, self._reader):
            child.start()
        for child in (self._web, self._relay, self._reader):
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
        cached = platform_reading.cached_versions(self._stack)
        waiting, parked = platform_reading.owed(self._stack, ledger.experiment)
        return Snapshot(
            postgres=platform_reading.rows_of(self._stack, ledger.experiment),
            mongodb=platform_reading.documents_of(
                self._stack, ledger.experiment, self._stack.url("MONGODB_URL")
            ),
            owed=waiting,
            parked=parked,
            stale=platform_reading.stale(self._stack, ledger.experiment, cached),
            cached=len(cached),
            leaderboard_errors=platform_reading.misplaced(self._stack, ledger.experiment),
        )

    def close(self) -> None:
        self._web.stop()
        self._relay.stop()
        self._reader.stop()
