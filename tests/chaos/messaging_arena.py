"""Where the message rounds are played: a stack, a broker that can be killed, a relay, workers; and the counts."""

import contextlib
import json
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self

import psycopg2
import redis

from mlplatform_site.stack.rabbitmq import RabbitNode
from tests.private_stack import PROJECT, PrivateStack

from .children import Child
from .servers import StoreServer

SETTLE_SECONDS = 240  # beside others on two cores, a restart of RabbitMQ alone takes 40
EFFECTS = "CREATE TABLE IF NOT EXISTS chaos_effect (mark text, pid int)"
CLEAN = "TRUNCATE registry_message CASCADE; TRUNCATE chaos_effect; DELETE FROM registry_outboxentry WHERE target = 3"
STATES = (
    "SELECT count(*), coalesce(sum(publishes), 0), count(*) FILTER (WHERE state = 'done'),"
    " count(*) FILTER (WHERE state = 'dead') FROM registry_delivery"
)
MARKS = (
    "SELECT count(*), count(*) FILTER (WHERE times > 1)"
    " FROM (SELECT count(*) AS times FROM chaos_effect GROUP BY mark) AS marks"
)


@dataclass(frozen=True)
class Counts:
    """What became of what was promised; ``twice`` are effects that are there more than once."""

    promised: int
    published: int
    done: int
    dead: int
    lost: int
    twice: int
    seconds: float = field(compare=False)

    @property
    def is_whole(self) -> bool:
        """Nothing lost, nothing twice."""
        return self.lost == self.twice == 0


class Broker(Protocol):
    """What can be done to a broker."""

    url: str

    def kill(self) -> None: ...
    def empty(self) -> None: ...


class RedisBroker:
    """The stack's own Redis store; supervisor starts it again."""

    def __init__(self, stack: PrivateStack) -> None:
        self.url = stack.url("REDIS_STORE_URL")
        self._server = StoreServer(stack, "redis-store")

    def kill(self) -> None:
        self._server.kill()
        self._server.wait_until_back()

    def empty(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.flushall()


class RabbitBroker:
    """A RabbitMQ node."""

    def __init__(self, node: RabbitNode) -> None:
        self.url, self._node = node.url, node

    def kill(self) -> None:
        self._node.kill()
        self._node.start()

    def empty(self) -> None:
        """Every queue is lost."""
        for line in self._node.control("list_queues", "-p", "mlplatform", "name").splitlines()[1:]:
            self._node.control("delete_queue", "-p", "mlplatform", line.strip())


class Arena:
    """A broker, and the processes of a stack around it."""

    def __init__(self, stack: PrivateStack, broker: Broker) -> None:
        self.stack, self.broker = stack, broker
        self._steps: subprocess.Popen[str] | None = None
        self.execute(EFFECTS)

    @contextmanager
    def at_work(self, *, patience: float) -> Iterator[Self]:
        """Relay, worker and consumer run; the sweep owes again what is missing for so many seconds."""
        with (
            self.process("relay", str(patience)),
            self.process("worker") as self.worker,
            self.process("consume") as self.consumer,
            (self.stack.folder / "chaos-steps.log").open("ab") as log,
            subprocess.Popen(
                self._command("steps"), cwd=PROJECT, env=self._environment(), text=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
            ) as self._steps,
        ):  # fmt: skip
            yield self

    @contextmanager
    def process(self, *words: str) -> Iterator[Child]:
        """One of ``messaging_process``; killed at the end."""
        child = Child(
            self._command(*words), environment=self._environment(),
            log=self.stack.folder / f"chaos-{words[0]}.log", is_ready=lambda: True,
        )  # fmt: skip
        child.start()
        try:
            yield child
        finally:
            child.stop()

    def do(self, *words: str) -> None:
        """One of its steps, to the end."""
        assert self._steps
        assert self._steps.stdin
        assert self._steps.stdout
        self._steps.stdin.write(f"{json.dumps(words)}\n")
        self._steps.stdin.flush()
        assert self._steps.stdout.readline(), self._logs()

    def execute(self, sql: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(psycopg2.connect(self.stack.url("DATABASE_URL"))) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else []

    def wait_for(self, sql: str, is_enough: Callable[[Any], bool], seconds: float = SETTLE_SECONDS) -> None:
        """Until the first value of an answer is enough."""
        until = time.monotonic() + seconds
        while not is_enough(value := self.execute(sql)[0][0]):
            assert time.monotonic() < until, f"{sql}: {value}. {self._logs()}"
            time.sleep(0.1)

    def play(
        self, fault: Callable[[], None], promises: Sequence[Sequence[str]], seconds: float = SETTLE_SECONDS
    ) -> Counts:
        """Promise, do harm, wait until nothing is open, count."""
        self.execute(CLEAN)
        for words in promises:
            self.do(*words)
        promised = int(self.execute("SELECT count(*) FROM registry_message")[0][0])
        began = time.monotonic()
        fault()
        self.wait_for(
            "SELECT count(*) FROM registry_delivery WHERE state IN ('waiting', 'published')",
            lambda left: left == 0, seconds,
        )  # fmt: skip
        return self.counts(promised, time.monotonic() - began)

    def counts(self, promised: int, seconds: float) -> Counts:
        _, published, done, dead = self.execute(STATES)[0]
        marks, twice = self.execute(MARKS)[0]
        foreign = self.execute("SELECT count(*) FROM registry_message WHERE exchange = 'dead-letters'")[0][0]
        return Counts(promised, published, done, dead, promised + foreign - marks - dead, twice, seconds)

    def _command(self, *words: str) -> list[str]:
        return self.stack.python("-m", "tests.chaos.messaging_process", *words)

    def _environment(self) -> dict[str, str]:
        return self.stack.environment() | {"BROKER_URL": self.broker.url, "WORKER_PROCESSES": "2"}

    def _logs(self) -> str:
        parts = sorted(self.stack.folder.glob("chaos-*.log"))
        return "\n".join(f"{path.name}: {path.read_text(errors='replace')[-1500:]}" for path in parts)


def rabbit_folder(stack: PrivateStack) -> Path:
    """Where a round's RabbitMQ lies."""
    return stack.folder / "rabbitmq"
