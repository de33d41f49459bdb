"""The two embedded Redis servers: a cache that may evict, and a store that may not."""

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from . import binaries, wrappers
from .files import write_private
from .ports import HOST
from .server import Context

SETTINGS = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir {data}
daemonize no
save ""
maxmemory {memory}
maxmemory-policy {policy}
appendonly {append}
appendfsync everysec
"""


class Redis:
    """One Redis server with a password, on loopback only."""

    stop_signal = "TERM"

    def __init__(self, *, role: str, policy: str, memory: str, is_durable: bool) -> None:
        self.name = f"redis-{role}"
        self.title = f"Redis ({role})"
        self.variables = (f"REDIS_{role.upper()}_URL",)
        self._settings = {"policy": policy, "memory": memory, "append": "yes" if is_durable else "no"}

    def prepare(self, context: Context) -> list[str]:
        """Write the configuration, which holds the password; returns the server's command."""
        data = context.where.data(self.name)
        data.mkdir(exist_ok=True, mode=0o700)
        config = context.where.root / f"{self.name}.conf"
        text = SETTINGS.format(
            port=context.ports[self.name],
            password=context.secrets["REDIS_PASSWORD"],
            data=f'"{data}"',
            **self._settings,
        )
        write_private(config, text)
        return [*wrappers.dies_with_parent(self.stop_signal), str(binaries.redis_server()), str(config)]

    def probe(self, context: Context) -> None:
        """Ask for a PONG."""
        client = redis.Redis(
            host=HOST,
            port=context.ports[self.name],
            password=context.secrets["REDIS_PASSWORD"],
            socket_timeout=2,
            retry=Retry(NoBackoff(), 0),
        )
        try:
            client.ping()
        finally:
            client.close()

    def urls(self, context: Context) -> dict[str, str]:
        """The application's URL."""
        password = context.secrets["REDIS_PASSWORD"]
        return {self.variables[0]: f"redis://:{password}@{HOST}:{context.ports[self.name]}/0"}


CACHE = Redis(role="cache", policy="allkeys-lru", memory="128mb", is_durable=False)
STORE = Redis(role="store", policy="noeviction", memory="512mb", is_durable=True)
