"""Starting, stopping, looking at and resetting the embedded stack."""

import contextlib
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from . import endpoints, passwords, ports, processes, readiness, redis_servers, supervision
from .errors import StackError
from .files import read_json, write_json
from .layout import Layout, layout, make, require_access
from .locking import locked
from .mongodb import MongoDB
from .postgres import Postgres
from .server import Context, Server

SERVERS: tuple[Server, ...] = (Postgres(), MongoDB(), redis_servers.CACHE, redis_servers.STORE)
MOVES = 3
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
    """Start the servers and wait until they are ready; of a running stack those that were stopped alone.

    A start that fails leaves nothing running. A store whose URL the environment gives is left alone,
    and is not among the URLs of the result.

    Raises:
        StackError: with the cause and the cure.
    """
    began = time.monotonic()
    where, servers = layout(directory), embedded()
    require_access(where, also_root=False)
    with locked(where):
        make(where)
        context, started = _run(where, servers, report)
        urls = {name: url for server in servers for name, url in server.urls(context).items()}
        # What runs since an earlier start stays known, whatever this process has in its environment.
        write_json(where.urls, urls if started else read_json(where.urls) | urls)
        endpoints.forget()
    return StartResult(urls, started=started, seconds=time.monotonic() - began)


def stop(directory: Path | None = None) -> bool:
    """Stop the servers; False where none ran."""
    where = layout(directory)
    require_access(where)
    if not where.root.exists():
        return False
    with locked(where):
        return _shut_down(where)


def stop_one(server: str, directory: Path | None = None) -> bool:
    """Stop a single server, to see what happens without it; ``start`` brings it back.

    Returns:
        Whether it ran.

    Raises:
        StackError: the running stack has no such server.
    """
    where = layout(directory)
    require_access(where)
    known = [info["name"] for info in supervision.processes(where)]
    if server not in known:
        raise StackError(
            f"There is no server {server!r} in a running stack.",
            f"Choose one of: {', '.join(known)}." if known else "Start it: manage.py stack start.",
        )
    with locked(where):
        return supervision.stop_one(where, server)


def reset(directory: Path | None = None) -> None:
    """Stop the servers and delete the folder with everything in it.

    A running stack inside it, as a test run has one, is left alone.
    """
    where = layout(directory)
    require_access(where)
    if not where.root.exists():
        return
    with locked(where):
        _shut_down(where)
        kept = [child for child in where.root.iterdir() if supervision.is_running(Layout(child))]
        for child in where.root.iterdir():
            if child not in (*kept, where.lock):
                _delete(child)
        where.lock.unlink()
        with contextlib.suppress(OSError):  # kept, or made anew by whoever waited for the lock
            where.root.rmdir()
        endpoints.forget()


def status(directory: Path | None = None) -> list[ServerStatus]:
    """How each server stands."""
    where, own = layout(directory), embedded()
    require_access(where)
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
    where = layout(directory)
    require_access(where)
    try:
        return readiness.tail(where, server, lines)
    except OSError as error:
        known = ", ".join(["supervisord", *(each.name for each in SERVERS)])
        raise StackError(f"There is no log of {server!r}.", f"Choose one of: {known}.") from error


def _run(where: Layout, servers: list[Server], report: Report) -> tuple[Context, bool]:
    """See to it that the servers run on ports of their own; True where they were started for that."""
    moved = False
    for _ in range(MOVES):
        try:
            context, started = _try(where, servers, report)
        except readiness.PortTakenError as taken:
            report(f"Another program took the port of {taken}: choosing another")
            _shut_down(where)
            moved = True
        else:
            return context, started or moved
    raise StackError("Other programs keep taking the stack's ports.", "Start it again.")


def _try(where: Layout, servers: list[Server], report: Report) -> tuple[Context, bool]:
    was_running = supervision.is_running(where)
    if not was_running:
        processes.end_leftovers(where)
    context = _context(where, servers, was_running=was_running)
    started = not was_running and bool(servers)
    try:
        if started:
            _launch(where, servers, context, report)
        elif was_running:
            for name in supervision.start_stopped(where):
                report(f"Starting {name} again")
        for server in servers:
            report(f"Waiting for {server.title}")
            readiness.wait(server, context)
    except BaseException:
        if started:
            _shut_down(where)
        raise
    return context, started


def _shut_down(where: Layout) -> bool:
    return supervision.shut_down(where) or bool(processes.end_leftovers(where))


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _context(where: Layout, servers: list[Server], *, was_running: bool) -> Context:
    names = [server.name for server in servers]
    chosen = ports.recorded(where) if was_running else ports.choose(where, names)
    if missing := [name for name in names if name not in chosen]:
        raise StackError(
            f"The running stack has no {', '.join(missing)}: it was started with other URLs set.",
            "Stop it and start it again: manage.py stack stop, then manage.py stack start.",
        )
    return Context(where, chosen, passwords.ensure(where))


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
