"""Supervisor: keeps the servers running, restarts those that die."""

import contextlib
import os
import shlex
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Iterator
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from .errors import StackError
from .files import write_private
from .layout import Layout
from .processes import is_alive
from .server import Server

STOP_SECONDS = 30

HEAD = """\
[unix_http_server]
file={socket}
chmod=0700
[supervisord]
logfile={log}
logfile_maxbytes=5MB
logfile_backups=1
pidfile={pid}
childlogdir={logs}
{user}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
"""

PROGRAM = """\
[program:{name}]
command={command}
directory={data}
autorestart=true
startsecs=0
startretries=20
stopsignal={signal}
stopwaitsecs=20
redirect_stderr=true
stdout_logfile={log}
stdout_logfile_maxbytes=5MB
stdout_logfile_backups=2
"""


def configure(where: Layout, commands: list[tuple[Server, list[str]]]) -> None:
    """Write supervisor's configuration."""
    parts = [
        HEAD.format(
            socket=_escaped(where.socket),
            log=_escaped(where.log("supervisord")),
            pid=_escaped(where.root / "supervisord.pid"),
            logs=_escaped(where.logs),
            user="user=root" if os.geteuid() == 0 else "",
        )
    ]
    for server, command in commands:
        line = _escaped(" ".join(shlex.quote(part) for part in command))
        log = _escaped(_escaped(where.log(server.name)))  # supervisor expands this one twice
        data = _escaped(where.data(server.name))
        parts.append(
            PROGRAM.format(name=server.name, command=line, data=data, signal=server.stop_signal, log=log)
        )
    write_private(where.supervisor_config, "".join(parts))


def launch(where: Layout) -> None:
    """Start supervisor in the background.

    Raises:
        StackError: it does not start.
    """
    where.socket.unlink(missing_ok=True)
    command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(where.supervisor_config)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=_quiet_environment())
    if result.returncode:
        raise StackError(
            f"Supervisor did not start: {(result.stderr or result.stdout).strip()[-500:]}",
            f"Look at {where.log('supervisord')}.",
        )


@contextlib.contextmanager
def rpc(where: Layout) -> Iterator[Any]:
    """Supervisor's remote procedures, over a connection that is closed at the end."""
    transport = SupervisorTransport(None, None, f"unix://{where.socket}")
    with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as proxy:
        yield proxy.supervisor


def is_running(where: Layout) -> bool:
    """Whether supervisor answers."""
    try:
        with rpc(where) as supervisor:
            return bool(supervisor.getState()["statename"] == "RUNNING")
    except (OSError, xmlrpc.client.Error, ConnectionError):
        return False


def processes(where: Layout) -> list[dict[str, Any]]:
    """Supervisor's word on each server: name, statename, pid, start, now."""
    if not is_running(where):
        return []
    with rpc(where) as supervisor:
        return list(supervisor.getAllProcessInfo())


def pid_of(where: Layout, server: str) -> int | None:
    """The process id of a server, None while it has none."""
    with contextlib.suppress(OSError, xmlrpc.client.Error), rpc(where) as supervisor:
        return supervisor.getProcessInfo(server)["pid"] or None
    return None


def stop_one(where: Layout, server: str) -> bool:
    """Stop one server, killing it where it doesn't hear; False where it is stopped already."""
    with rpc(where) as supervisor:
        if not supervisor.getProcessInfo(server)["pid"]:
            return False
        return bool(supervisor.stopProcess(server))


def start_stopped(where: Layout) -> list[str]:
    """Start the servers that were stopped one by one; returns their names."""
    stopped: list[str] = [info["name"] for info in processes(where) if info["statename"] == "STOPPED"]
    with rpc(where) as supervisor:
        for name in stopped:
            supervisor.startProcess(name, False)
    return stopped


def shut_down(where: Layout) -> bool:
    """Stop the servers and supervisor, and wait until they are gone; False where none ran."""
    if not is_running(where):
        return False
    with rpc(where) as supervisor:
        supervisor_pid = supervisor.getPID()
        pids = [info["pid"] for info in supervisor.getAllProcessInfo() if info["pid"]]
        with contextlib.suppress(xmlrpc.client.Error, OSError):
            supervisor.shutdown()
    deadline = time.monotonic() + STOP_SECONDS
    while any(is_alive(pid) for pid in [supervisor_pid, *pids]):
        if time.monotonic() > deadline:
            raise StackError(
                f"The servers did not stop within {STOP_SECONDS} seconds.",
                f"Look at {where.logs}, and stop the processes {[supervisor_pid, *pids]} by hand.",
            )
        time.sleep(0.05)
    where.socket.unlink(missing_ok=True)
    return True


def _escaped(value: object) -> str:
    """Supervisor reads % as the start of a variable."""
    return str(value).replace("%", "%%")


def _quiet_environment() -> dict[str, str]:
    """Coverage and pytest of the caller are not the servers' business."""
    dropped = ("COV_CORE", "COVERAGE_", "PYTEST_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(dropped)}
    return {**kept, "PYTHONWARNINGS": "ignore"}
