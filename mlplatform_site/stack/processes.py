"""Whose process is whose, as /proc tells it; where there is none, nothing is known and nobody is accused."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from .errors import StackError
from .layout import Layout

PROC = Path("/proc")
LISTENING = "0A"
SERVER_COMMANDS = ("postgres", "mongod", "redis-server", "valkey-server")
PATIENCE_SECONDS = 25


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie that nobody has waited for does not, once its threads are gone."""
    if (PROC / "self" / "stat").exists():
        return _state(pid) not in ("", "Z") or _threads(pid) > 1
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def stranger_listens(port: int, pid: int | None) -> bool:
    """Whether the port is served by a process other than ours; False where that can't be told."""
    listening = _listening_sockets(port)
    if not listening:
        return False
    try:
        own = {str(entry.readlink()) for entry in (PROC / str(pid) / "fd").iterdir()} if pid else set()
    except FileNotFoundError:
        own = set()
    except PermissionError:
        return False
    return not listening & own


def end_leftovers(where: Layout) -> list[int]:
    """End what still runs of a stack whose supervisor does not answer; returns their process ids.

    Two Redis servers on one append-only file would spoil it, and the next start would make the second.

    Raises:
        StackError: some of them can't be ended.
    """
    ended = _end(_supervisors(where), signal.SIGTERM)
    servers = list(_servers(where))
    postgres = [pid for pid in servers if _command(pid) == "postgres"]
    ended += _end(postgres, signal.SIGINT)  # a SIGTERM would wait for the clients to leave
    ended += _end([pid for pid in servers if pid not in postgres], signal.SIGTERM)
    return ended


def _end(pids: list[int], first: signal.Signals) -> list[int]:
    for stop in (first, signal.SIGKILL):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                _signal(pid, stop)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while any(is_alive(pid) for pid in pids) and time.monotonic() < deadline:
            time.sleep(0.05)
    if still := [pid for pid in pids if is_alive(pid)]:
        raise StackError(f"The processes {still} of an earlier start don't end.", "End them by hand.")
    return pids


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except PermissionError as error:
        raise StackError(
            f"The process {pid} of an earlier start belongs to another user.", "Stop the stack as that user."
        ) from error


def _supervisors(where: Layout) -> list[int]:
    config = str(where.supervisor_config).encode()
    return [
        pid
        for pid in _all()
        if (words := _words(pid))[-1:] == [config] and b"supervisor.supervisord" in words and is_alive(pid)
    ]


def _servers(where: Layout) -> Iterator[int]:
    """Each server works in its data folder; a shell that somebody opened there is none."""
    for pid in _all():
        with contextlib.suppress(OSError):
            here = (PROC / str(pid) / "cwd").readlink()
            if here.parent == where.root and _command(pid) in SERVER_COMMANDS and is_alive(pid):
                yield pid


def _all() -> list[int]:
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()] if PROC.exists() else []


def _words(pid: int) -> list[bytes]:
    try:
        return (PROC / str(pid) / "cmdline").read_bytes().rstrip(b"\0").split(b"\0")
    except OSError:
        return []


def _command(pid: int) -> str:
    try:
        return (PROC / str(pid) / "comm").read_text().strip()
    except OSError:
        return ""


def _state(pid: int) -> str:
    try:
        return (PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return ""


def _threads(pid: int) -> int:
    """Those of a zombie still hold its ports."""
    try:
        return len(list((PROC / str(pid) / "task").iterdir()))
    except OSError:
        return 0


def _listening_sockets(port: int) -> set[str]:
    found = set()
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in (PROC / "net" / table).read_text().splitlines()[1:]:
                words = line.split()
                if words[3] == LISTENING and int(words[1].rpartition(":")[2], 16) == port:
                    found.add(f"socket:[{words[9]}]")
    return found
