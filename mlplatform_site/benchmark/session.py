"""All servers of one benchmark, on a private stack, and their start-up and memory."""

import dataclasses
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
from django.db import connection

from analysis.benchmarks.tracking import processes
from analysis.benchmarks.tracking.recorder import Recorder
from analysis.benchmarks.tracking.servers import OURS, ServerAddress, turn_of
from mlplatform_site.stack import endpoints

from .mlflow_server import DATABASE, MlflowServer
from .our_server import OurServer

RECORDED, REPLAYED = "recorded", "replayed"
Report = Callable[[str], None]
Server = MlflowServer | OurServer


class Session:
    """Starts servers on the stack of this process's environment.

    Args:
        mlflow_python: of the virtual environment that has mlflow.
        token: of our API.
        report: told what goes on.
    """

    def __init__(self, *, mlflow_python: Path, token: str, report: Report) -> None:
        self._python, self._token, self._report = mlflow_python, token, report
        self._folder = endpoints.stack_dir()
        self.database = json.loads((self._folder / "env.json").read_text())["DATABASE_URL"]

    @contextmanager
    def servers(self, names: Sequence[str]) -> Iterator[list[ServerAddress]]:
        """Start them, one after the other; stop them at the end."""
        with ExitStack() as stack:
            found: list[ServerAddress] = []
            for name in names:
                self._report(f"Starting {name}")
                server = stack.enter_context(self._server(name))
                found.append(server.address)
            yield found

    def start_seconds(self, names: Sequence[str], *, rounds: int) -> dict[str, list[float]]:
        """How long each takes from its command to its first answer, started alone, in turn."""
        seconds: dict[str, list[float]] = {name: [] for name in names}
        for _ in range(rounds):
            for name in names:
                with self._server(name) as server:
                    seconds[name].append(server.start_seconds)
        return seconds

    @contextmanager
    def recorded(self, database: str) -> Iterator[tuple[ServerAddress, Recorder]]:
        """Ours alone on one of the databases, with a recorder between it and PostgreSQL."""
        parts = urlsplit(database)
        with Recorder(parts.port or 5432) as recorder:
            through = database.replace(f":{parts.port}/", f":{recorder.port}/")
            with OurServer(
                token=self._token, database=through, folder=self._folder, has_relay=False
            ) as server:
                yield dataclasses.replace(server.address, database=database), recorder

    def make_databases(self) -> tuple[str, str]:
        """MLflow's database beside ours (the first server that starts makes its tables), and two like ours.

        Returns:
            The URLs of those two.
        """
        connection.close()
        beside = psycopg2.connect(self.beside("postgres"))
        beside.autocommit = True
        name = self.database.rpartition("/")[2]
        with beside.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {DATABASE}")
            for copy in (RECORDED, REPLAYED):
                cursor.execute(f"CREATE DATABASE {copy} TEMPLATE {name}")
        beside.close()
        return self.beside(RECORDED), self.beside(REPLAYED)

    def beside(self, name: str) -> str:
        """The URL of another database of the same server."""
        return f"{self.database.rpartition('/')[0]}/{name}"

    def _server(self, name: str) -> AbstractContextManager[Server]:
        if name == OURS:
            return OurServer(token=self._token, database=self.database, folder=self._folder)
        return MlflowServer(name, python=self._python, database=self.database, folder=self._folder)


def memory(servers: Sequence[ServerAddress]) -> dict[str, dict[str, float]]:
    """``pss`` and ``rss`` of each server in MB, and of each of the processes started for it."""
    found = {}
    for server in servers:
        with turn_of(server, servers):
            whole = processes.memory_mb(server.pids)
            if len(server.roots) > 1:
                parts = {
                    f"pss of {title}": processes.memory_mb(processes.tree(root))["pss"]
                    for title, root in server.roots
                }
                whole |= parts
            found[server.name] = whole
    return found
