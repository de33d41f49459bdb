"""A RabbitMQ node of one's own, from the Debian package: no service, no root, no guest, loopback only."""

import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Self

from . import ports, wrappers
from .errors import StackError
from .files import ensure_secrets, write_private
from .layout import Layout, make
from .ports import HOST

READY_SECONDS, STOP_SECONDS = 180, 60
USER = VHOST = "mlplatform"
PORTS = ("amqp", "distribution", "epmd")
PACKAGES = Path("/usr/lib/rabbitmq/lib")
# The first frame of AMQP 0-9-1: the listener opens last, so whoever answers it has users and vhost.
GREETING, FRAME = b"AMQP\x00\x00\x09\x01", b"\x01"
ERLANG = "-noinput -kernel inet_dist_use_interface {127,0,0,1} +S 2:2"

# An empty database is given this user instead of guest, and this vhost instead of "/".
SETTINGS = """\
listeners.tcp.default = 127.0.0.1:{amqp}
default_vhost = {vhost}
default_user = {user}
default_pass = {password}
default_user_tags.administrator = false
default_permissions.configure = .*
default_permissions.read = .*
default_permissions.write = .*
log.file = false
log.console = true
log.console.level = warning
vm_memory_high_watermark.absolute = 512MB
disk_free_limit.absolute = 50MB
raft.wal_max_size_bytes = 33554432
"""


class RabbitNode:
    """One node in a folder of its own; ``with RabbitNode(folder) as node`` runs it.

    Its processes are children of this one and end with it: the Erlang machine, and its port mapper,
    which otherwise would stay behind for good.
    """

    def __init__(self, folder: Path) -> None:
        self._where = Layout(folder.resolve())
        self._node: subprocess.Popen[bytes] | None = None
        self._mapper: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What ``BROKER_URL`` is to be; the password is in it."""
        return f"amqp://{USER}:{self._secrets['RABBITMQ_PASSWORD']}@{HOST}:{self._ports['amqp']}/{VHOST}"

    @property
    def pid(self) -> int | None:
        """The process id of the running node."""
        return self._node.pid if self._node else None

    def start(self) -> None:
        """Start it, the first time or again, and wait until it takes connections.

        Raises:
            StackError: the package is not installed, or the node does not become ready.
        """
        home = package()
        make(self._where)
        self._secrets = ensure_secrets(self._where.secrets, ("RABBITMQ_PASSWORD", "ERLANG_COOKIE"))
        self._ports = ports.recorded(self._where) if self._mapper else ports.choose(self._where, [*PORTS])
        self._write()
        self._mapper = self._mapper or self._run("epmd", "-port", str(self._ports["epmd"]))
        self._node = self._run(str(home / "sbin/rabbitmq-server"))
        self._wait()

    def stop(self) -> None:
        """End the node in order, then its port mapper."""
        self._end(signal.SIGTERM)
        if self._mapper:
            self._mapper.terminate()
            self._mapper.wait(STOP_SECONDS)
            self._mapper = None

    def kill(self) -> None:
        """``kill -9``: what it had not yet written is gone. :meth:`start` brings it back.

        Not within two seconds after a quorum queue was first declared: RabbitMQ writes its members down
        late, and a queue without them finds no leader.
        """
        self._end(signal.SIGKILL)

    def control(self, *words: str) -> str:
        """What ``rabbitmqctl`` answers.

        Raises:
            subprocess.CalledProcessError: it refuses.
        """
        command = [str(package() / "sbin/rabbitmqctl"), "--quiet", *words]
        return subprocess.run(
            command, env=self._environment(), capture_output=True, text=True, check=True, timeout=60
        ).stdout

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _write(self) -> None:
        home = self._where.data("home")
        for folder in (home, self._where.data("mnesia")):
            folder.mkdir(exist_ok=True, mode=0o700)
        password = self._secrets["RABBITMQ_PASSWORD"]
        text = SETTINGS.format(amqp=self._ports["amqp"], user=USER, vhost=VHOST, password=password)
        write_private(self._where.root / "rabbitmq.conf", text)
        write_private(self._where.root / "enabled_plugins", "[].\n")
        write_private(home / ".erlang.cookie", self._secrets["ERLANG_COOKIE"], mode=0o400)

    def _environment(self) -> dict[str, str]:
        root = self._where.root
        return {
            "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "HOME": str(self._where.data("home")),
            "ERL_EPMD_PORT": str(self._ports["epmd"]),
            "ERL_EPMD_ADDRESS": HOST,
            "RABBITMQ_HOME": str(package()),
            "RABBITMQ_NODENAME": f"{USER}@localhost",
            "RABBITMQ_DIST_PORT": str(self._ports["distribution"]),
            "RABBITMQ_MNESIA_BASE": str(self._where.data("mnesia")),
            "RABBITMQ_LOG_BASE": str(self._where.logs),
            "RABBITMQ_CONFIG_FILE": str(root / "rabbitmq.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(root / "enabled_plugins"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",  # the system's own, for the system's own node
            "RABBITMQ_ALLOW_INPUT": "1",  # no shell stays between us and the Erlang machine
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ERLANG,
        }

    def _run(self, *command: str) -> "subprocess.Popen[bytes]":
        with self._where.log("rabbitmq").open("ab") as log:
            return subprocess.Popen(
                [*wrappers.dies_with_parent("TERM"), *command],
                cwd=self._where.root, env=self._environment(), start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def _wait(self) -> None:
        until = time.monotonic() + READY_SECONDS
        while not _answers(self._ports["amqp"]):
            has_ended = self._node is not None and self._node.poll() is not None
            if has_ended or time.monotonic() > until:
                raise StackError(
                    f"RabbitMQ {'ended' if has_ended else 'did not become ready'}.",
                    f"Look at {self._where.log('rabbitmq')}.",
                )
            time.sleep(0.05)

    def _end(self, number: signal.Signals) -> None:
        if self._node is None:
            return
        self._node.send_signal(number)
        try:
            self._node.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._node.kill()
            self._node.wait()
        self._node = None


def package() -> Path:
    """Where RabbitMQ lies.

    Raises:
        StackError: it is not installed.
    """
    named = os.environ.get("STACK_RABBITMQ")
    for home in (
        [Path(named)] if named else sorted(PACKAGES.glob("rabbitmq_server-*"), key=_numbers, reverse=True)
    ):
        if (home / "sbin/rabbitmq-server").exists():
            return home
    raise StackError(
        "No RabbitMQ is installed.",
        "Install it (apt install rabbitmq-server; its own service need not run), name its folder in"
        " STACK_RABBITMQ, or go without: BROKER_URL is the embedded Redis unless it is set.",
    )


def _numbers(home: Path) -> list[int]:
    """Its version: 3.10 comes after 3.9."""
    return [int(each) for each in re.findall(r"\d+", home.name)]


def _answers(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=2) as client:
            client.sendall(GREETING)
            return client.recv(1) == FRAME
    except OSError:
        return False
