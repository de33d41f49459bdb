"""Change capture while its consumer, MongoDB and PostgreSQL are killed: ``python -m tests.chaos.capture_rounds``.

Under a load of every kind of change, then at rest; every row is there in its last version, and nothing else.
"""

import argparse
import random
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.private_stack import PROJECT, PrivateStack

from . import servers
from .captured_tables import TABLES, Difference, Load, Reader, Target, difference, make_tables
from .children import Child
from .servers import StoreServer

VICTIMS = ("consumer", "mongodb", "postgres")
CATCH_UP_SECONDS = 60
ENVIRONMENT = {"CAPTURED_TABLES": ",".join(TABLES)}


@dataclass(frozen=True)
class Outcome:
    """What a round did, and what came of it."""

    kills: int
    transactions: int
    by_kind: dict[str, int]
    reads: int
    torn: int
    catch_up_seconds: float
    difference: Difference

    def __str__(self) -> str:
        found = self.difference
        return (
            f"{self.kills} kills, {self.transactions} transactions {self.by_kind}: {found.rows} rows,"
            f" {found.missing} missing, {found.stale} stale, {found.extra} too many;"
            f" {self.reads} reads, {self.torn} torn; caught up in {self.catch_up_seconds:.1f} s"
        )


def play(stack: PrivateStack, *, seconds: float, kills: int, seed: int) -> Outcome:
    """Load and kills together for so many seconds, then wait until the collections are the tables."""
    load, reader = Load(stack.url("DATABASE_URL"), seed), Reader(stack.url("MONGODB_URL"))
    with consumer(stack) as child:
        with at_once(load.run, reader.run):
            _kill(stack, child, random.Random(seed), seconds, kills)
        began = time.monotonic()
        found = difference(stack)
        while not found.is_none and time.monotonic() - began < CATCH_UP_SECONDS:
            time.sleep(0.2)
            found = difference(stack)
        took = time.monotonic() - began
    done = {kind: count for kind, count in sorted(load.counts.items()) if kind != "broken off"}
    return Outcome(kills, sum(done.values()), done, reader.reads, reader.torn, took, found)


@contextmanager
def consumer(stack: PrivateStack) -> Iterator[Child]:
    """``manage.py cdc run``, begun again as soon as it is killed."""
    child = Child(
        stack.python("manage.py", "cdc", "run", "--consumer", "documents"),
        environment=stack.environment() | ENVIRONMENT,
        log=stack.folder / "consumer.log",
        is_ready=lambda: True,
    )
    child.start()
    try:
        yield child
    finally:
        child.stop()


@contextmanager
def at_once(*targets: Target) -> Iterator[None]:
    """Each on a thread of its own, until the context ends."""
    stop = threading.Event()
    threads = [threading.Thread(target=target, args=(stop,), daemon=True) for target in targets]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)


def _kill(stack: PrivateStack, child: Child, rng: random.Random, seconds: float, kills: int) -> None:
    victims = [VICTIMS[number % len(VICTIMS)] for number in range(kills)]
    rng.shuffle(victims)
    for victim in victims:
        time.sleep(rng.uniform(0.6, 1.4) * seconds / kills)
        if victim == "consumer":
            child.kill()
            continue
        server = StoreServer(stack, victim)
        server.kill()
        server.wait_until_back()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.capture_rounds", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--kills", type=int, default=18)
    wanted = parser.parse_args()
    stack = PrivateStack(PROJECT / ".stack" / "chaos-capture")
    servers.end(stack)
    stack.start()
    try:
        make_tables(stack)
        outcomes = [
            play(stack, seconds=wanted.seconds, kills=wanted.kills, seed=seed) for seed in wanted.seeds
        ]
    finally:
        servers.end(stack)
    for outcome in outcomes:
        sys.stdout.write(f"{outcome}\n")
    return 0 if all(each.difference.is_none and not each.torn for each in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
