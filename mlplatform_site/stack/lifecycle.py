"""Starting, stopping, looking at and resetting the embedded stack."""

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from . import endpoints, ports, redis_servers, supervision
from .errors import StackError
from .files import ensure_secrets, read_json, write_json
from .layout import Layout, layout, make
from .mongodb import MongoDB
from .postgres import Postgres
from .server import Context, Server

SERVERS: tuple[Server, ...] = (Postgres(), MongoDB(), redis_servers.CACHE, redis_servers.STORE)
SECRETS = ("POSTGRES_PASSWORD", "MONGODB_PASSWORD", "REDIS_PASSWORD", "SECRET_KEY")
READY_SECONDS = 60
LOCK_SECONDS = 120
Report = Callable[[str], None]


@dataclass(frozen=True)
class StartResult:
    """What ``start`` did."""

    urls: dict[str, str]
    started: bool
    seconds: float


@dataclass(frozen=True)
class ServerStatus:
    """How one server stands; ``state`` is RUNNING, STOPPED, BACKOFF, FATAL or EXTERNAL."""

    name: str
    title: str
    state: str
    pid: int | None
    port: int | None
    uptime_seconds: float

    @property
    def is_well(self) -> bool:
        """Whether it runs, or is somebody else's."""
        return self.state in ("RUNNING", "EXTERNAL")


def embedded() -> list[Server]:
    """The servers that the stack runs: those whose URL the environment does not give."""
    return [server for server in SERVERS if not all(os.environ.get(name) for name in server.variables)]


def start(directory: Path | None = None, report: Report = lambda _: None) -> StartResult:
    """Start the servers and wait until they are ready; a running stack is left as it is.

    Raises:
        StackError: with the cause and the cure.
    """
    began = time.monotonic()
    where, servers = layout(directory), embedded()
    make(where)
    with _locked(where):
        was_running = supervision.is_running(where)
        context = _context(where, servers, was_running=was_running)
        if not was_running and servers:
            _launch(where, servers, context, report)
        try:
            _wait_until_ready(where, servers, context, report)
        except BaseException:
            if not was_running:  # an interrupted or failed start leaves nothing behind that runs
                supervision.shut_down(where)
            raise
        urls = {name: url for server in servers for name, url in server.urls(context).items()}
        write_json(where.urls, urls)
        endpoints.forget()
    return StartResult(urls, started=not was_running and bool(servers), seconds=time.monotonic() - began)


def stop(directory: Path | None = None) -> bool:
    """Stop the servers; False where none ran."""
    where = layout(directory)
    if not where.root.exists():
        return False
    with _locked(where):
        return supervision.shut_down(where)


def reset(directory: Path | None = None) -> None:
    """Stop the servers and delete the folder with everything in it."""
    where = layout(directory)
    stop(where.root)
    if where.root.exists():
        shutil.rmtree(where.root)
    endpoints.forget()


def status(directory: Path | None = None) -> list[ServerStatus]:
    """How each server stands."""
    where, own = layout(directory), embedded()
    infos = {info["name"]: info for info in supervision.processes(where)}
    known_ports = ports.recorded(where)
    found = []
    for server in SERVERS:
        info = infos.get(server.name, {})
        state = info.get("statename", "STOPPED") if server in own else "EXTERNAL"
        uptime = info["now"] - info["start"] if state == "RUNNING" else 0.0
        port = known_ports.get(server.name) if server in own else None
        found.append(ServerStatus(server.name, server.title, state, info.get("pid") or None, port, uptime))
    return found


def logs(server: str, lines: int = 40, directory: Path | None = None) -> str:
    """The last lines of a server's log.

    Raises:
        StackError: there is no such log.
    """
    path = layout(directory).log(server)
    try:
        text = path.read_text(errors="replace")
    except OSError as error:
        known = ", ".join(["supervisord", *(each.name for each in SERVERS)])
        raise StackError(f"There is no log of {server!r}.", f"Choose one of: {known}.") from error
    return "\n".join(text.splitlines()[-lines:])


@contextlib.contextmanager
def _locked(where: Layout) -> Iterator[None]:
    """One starter, stopper or resetter at a time; the kernel frees the lock of a dead one."""
    deadline = time.monotonic() + LOCK_SECONDS
    with where.lock.open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise StackError(
                        f"Another process has held {where.lock} for {LOCK_SECONDS} seconds.",
                        "Wait for it, or stop it.",
                    ) from None
                time.sleep(0.05)
        yield


def _context(where: Layout, servers: list[Server], *, was_running: bool) -> Context:
    names = [server.name for server in servers]
    chosen = ports.recorded(where) if was_running else ports.choose(where, names)
    if missing := [name for name in names if name not in chosen]:
        raise StackError(
            f"The running stack has no {', '.join(missing)}: it was started with other URLs set.",
            "Stop it and start it again: manage.py stack stop, then manage.py stack start.",
        )
    return Context(where, chosen, ensure_secrets(where.secrets, SECRETS))


def _launch(where: Layout, servers: list[Server], context: Context, report: Report) -> None:
    commands = []
    try:
        for server in servers:
            report(f"Preparing {server.title}")
            commands.append((server, server.prepare(context)))
        supervision.configure(where, commands)
    except OSError as error:
        raise StackError(
            f"The stack's folder {where.root} can't be written: {error.strerror or error}.",
            "Free some space or mend its permissions, then start again.",
        ) from error
    supervision.launch(where)


def _wait_until_ready(where: Layout, servers: list[Server], context: Context, report: Report) -> None:
    for server in servers:
        report(f"Waiting for {server.title}")
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                server.probe(context)
                break
            except Exception as error:
                if time.monotonic() > deadline or _gave_up(where, server):
                    raise _not_ready(where, server, error) from error
                time.sleep(0.03)


def _gave_up(where: Layout, server: Server) -> bool:
    return any(
        info["name"] == server.name and info["statename"] == "FATAL" for info in supervision.processes(where)
    )


def _not_ready(where: Layout, server: Server, error: Exception) -> StackError:
    with contextlib.suppress(StackError):
        tail = logs(server.name, 5, where.root)
        return StackError(
            f"{server.title} did not become ready: {error}. Its log ends with:\n{tail}",
            f"See the whole log: manage.py stack logs {server.name}. Is the disk full?",
        )
    return StackError(f"{server.title} did not become ready: {error}.", f"Look at {where.logs}.")


def recorded_urls(directory: Path | None = None) -> dict[str, str]:
    """The URLs written by the last start."""
    return {name: str(url) for name, url in read_json(layout(directory).urls).items()}
