"""Messages while brokers and workers are killed: ``python -m tests.chaos.messaging_rounds``.

Each round promises tasks, does harm, waits until nothing is open, and counts what was published, done,
dead-lettered, lost and done twice, on Redis and on RabbitMQ.
"""

import argparse
import sys
from collections.abc import Callable

from mlplatform_site.stack.rabbitmq import RabbitNode
from tests.private_stack import PROJECT, PrivateStack

from . import servers
from .messaging_arena import Arena, Counts, RabbitBroker, RedisBroker, rabbit_folder

DONE = "SELECT count(*) FROM registry_delivery WHERE state = 'done'"
PUBLISHED = "SELECT count(*) FROM registry_delivery WHERE publishes > 0"
EFFECTS = "SELECT count(*) FROM chaos_effect"
# What is not urgent, and was begun before the last that is.
TOO_EARLY = (
    "WITH each AS (SELECT m.priority, d.started_at FROM registry_delivery d"
    " JOIN registry_message m ON m.id = d.message_id)"
    " SELECT count(*) FROM each WHERE priority = 0"
    " AND started_at < (SELECT max(started_at) FROM each WHERE priority = 9)"
)


def broker_killed(arena: Arena, size: int) -> Counts:
    """The broker dies with ``kill -9`` while tasks wait in it and are done; it comes back."""

    def fault() -> None:
        arena.wait_for(DONE, lambda done: done >= size // 4)
        arena.broker.kill()

    return arena.play(fault, [("promise", "chaos.count", str(size), "0.01")])


def worker_killed(arena: Arena, size: int, times: int = 3) -> Counts:
    """The worker and its children die with ``kill -9`` in the middle of tasks."""

    def fault() -> None:
        for number in range(1, times + 1):
            arena.wait_for(EFFECTS, lambda done, least=number * size // (times + 2): done >= least)
            arena.worker.kill()

    return arena.play(fault, [("promise", "chaos.count", str(size), "0.05")])


def poison(arena: Arena, size: int) -> Counts:
    """Three tasks that end their process, and three bodies that nobody can read, among good ones."""
    return arena.play(
        lambda: arena.do("garbage", "3"),
        [("promise", "chaos.poison", "3"), ("promise", "chaos.count", str(size))],
    )


def slow_consumer(arena: Arena, size: int) -> Counts:
    """All of it is queued before the consumer goes on, which takes 50 ms a batch."""

    def fault() -> None:
        arena.wait_for(PUBLISHED, lambda published: published == size)
        arena.consumer.resume()

    arena.consumer.pause()
    return arena.play(fault, [("events", str(size))])


def duplicates(arena: Arena, size: int) -> Counts:
    """Every message is published three times before a worker goes on."""

    def fault() -> None:
        arena.do("publish", "2")
        arena.wait_for("SELECT min(publishes) FROM registry_delivery", lambda least: least >= 3)
        arena.worker.resume()

    arena.worker.pause()
    return arena.play(fault, [("promise", "chaos.count", str(size))])


def broker_emptied(arena: Arena, size: int) -> Counts:
    """Redis is flushed, RabbitMQ's queues are deleted, while everything waits there."""

    def fault() -> None:
        arena.wait_for(PUBLISHED, lambda published: published == size)
        arena.broker.empty()
        arena.worker.resume()

    arena.worker.pause()
    return arena.play(fault, [("promise", "chaos.count", str(size))])


def urgent_first(arena: Arena, size: int) -> Counts:
    """All of it waits before a worker goes on, half of it at priority 9, promised last."""

    def fault() -> None:
        arena.wait_for(PUBLISHED, lambda published: published == size)
        arena.worker.resume()

    arena.worker.pause()
    return arena.play(fault, [("priorities", str(size // 2))])


QUEUED = 10_000
ROUNDS: dict[str, tuple[Callable[[Arena, int], Counts], int]] = {
    "broker killed and restarted": (broker_killed, 1_000),
    "worker killed in the middle of tasks": (worker_killed, 500),
    "poison": (poison, 200),
    "10,000 queued, slow consumer": (slow_consumer, QUEUED),
    "every message three times": (duplicates, 500),
    "broker emptied": (broker_emptied, 500),
    "priorities": (urgent_first, 200),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.messaging_rounds", description=__doc__)
    parser.add_argument("--only", choices=["redis", "rabbitmq"])
    parser.add_argument("--share", type=float, default=1.0, help="of each round's messages but those 10,000")
    parser.add_argument("--patience", type=float, default=2.0, help="of the sweep; the product's is 60 s")
    wanted = parser.parse_args()
    stack = PrivateStack(PROJECT / ".stack" / "chaos-messaging")
    servers.end(stack)
    stack.start()
    is_whole = True
    try:
        assert stack.manage("init_stores").returncode == 0
        sys.stdout.write(f"| fault | broker | {' | '.join(Counts.__annotations__)} |\n|{'---|' * 9}\n")
        if wanted.only != "rabbitmq":
            is_whole &= _all(Arena(stack, RedisBroker(stack)), "Redis", wanted)
        if wanted.only != "redis":
            with RabbitNode(rabbit_folder(stack)) as node:
                is_whole &= _all(Arena(stack, RabbitBroker(node)), "RabbitMQ", wanted)
    finally:
        servers.end(stack)
    return 0 if is_whole else 1


def _all(arena: Arena, broker: str, wanted: argparse.Namespace) -> bool:
    is_whole = True
    with arena.at_work(patience=wanted.patience):
        for title, (play, size) in ROUNDS.items():
            found = play(arena, size if size == QUEUED else max(20, int(size * wanted.share)))
            figures = [*list(vars(found).values())[:-1], f"{found.seconds:.1f}"]
            sys.stdout.write(f"| {title} | {broker} | {' | '.join(map(str, figures))} |\n")
            sys.stdout.flush()
            is_whole &= found.is_whole
    return is_whole


if __name__ == "__main__":
    sys.exit(main())
