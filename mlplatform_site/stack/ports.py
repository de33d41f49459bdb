"""Free ports, chosen once and recorded."""

import hashlib
import random
import socket

from .files import read_json, write_json
from .layout import Layout

FIRST, LAST = 20_000, 32_000  # below the range that the kernel hands out by itself
# Known ports of MongoDB, Redis Sentinel and RabbitMQ: a client on its defaults must not find us.
NAMED = (25_672, 26_379, 27_017, 27_018, 27_019, 28_017)
HOST = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether nothing listens on a loopback port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def choose(where: Layout, servers: list[str]) -> dict[str, int]:
    """A port for each server: the recorded one while it is free, else another.

    Call it only while the servers are down. The order is random but the same for the same folder,
    so that two projects seldom meet.
    """
    before = recorded(where)
    order = random.Random(hashlib.sha256(str(where.root).encode()).digest())  # noqa: S311
    chosen: dict[str, int] = {}
    for server in servers:
        port = before.get(server, 0)
        if port in (0, *NAMED, *chosen.values()) or not is_free(port):
            port = _another(order, {*NAMED, *chosen.values(), *before.values()})
        chosen[server] = port
    if chosen != before:
        write_json(where.ports, chosen)
    return chosen


def recorded(where: Layout) -> dict[str, int]:
    """The ports of the running servers."""
    return {name: int(port) for name, port in read_json(where.ports).items()}


def _another(order: random.Random, refused: set[int]) -> int:
    while (port := order.randrange(FIRST, LAST)) in refused or not is_free(port):
        pass
    return port
