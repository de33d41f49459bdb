"""The one place that connects to Redis."""

import functools
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.connection import Connection, ConnectionPool
from redis.exceptions import (
    AuthenticationError,
    AuthorizationError,
    BusyLoadingError,
    NoScriptError,
    RedisError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from registry.breakers import REDIS_CACHE, REDIS_STORE, Breaker

from .direct import ask

AWAY = (RedisConnectionError, RedisTimeoutError, OSError)
# Kinds of ConnectionError to redis-py, but the server's own words: it is there.
REPLIES = (AuthenticationError, AuthorizationError, BusyLoadingError)


class RedisSuspendedError(RedisConnectionError):
    """Redis failed a moment ago and is left alone for a while; for the caller, as if it were away."""


class GuardedPool(ConnectionPool):
    """A pool whose connections tell a breaker how they fare, and which gives none while it is open."""

    breaker: ClassVar[Breaker]

    def __init__(self, *, connection_class: type[Connection] = Connection, **named: Any) -> None:
        # Without retries: redis-py's defaults turn a quarter of a second into many.
        named |= {"retry": Retry(NoBackoff(), 0)}
        reporting = _guarded(connection_class, self.breaker)  # type: ignore[arg-type] # a class has a hash
        super().__init__(connection_class=reporting, **named)

    def get_connection(self, *_: Any, **__: Any) -> Any:
        """A connection, once for each command or pipeline.

        Raises:
            RedisSuspendedError: the breaker is open; at once.
        """
        self.admit()
        return super().get_connection()

    def admit(self) -> None:
        """Let a call through.

        Raises:
            RedisSuspendedError: the breaker is open.
        """
        if not self.breaker.admits():
            raise RedisSuspendedError(
                f"{self.breaker.store} did not answer and is left alone"
                f" for {self.breaker.seconds_left:.1f} s more."
            )


class CachePool(GuardedPool):
    """Connections to the Redis that may evict. Also django-redis's (settings/stores.py)."""

    breaker = REDIS_CACHE


class StorePool(GuardedPool):
    """Connections to the Redis that never evicts."""

    breaker = REDIS_STORE


@functools.cache
def _guarded(base: type[Connection], breaker: Breaker) -> type[Connection]:
    """A kind of connection (TCP, TLS, Unix socket) that reports to a breaker."""

    class GuardedConnection(base):  # type: ignore[misc, valid-type]
        def _connect(self) -> Any:
            try:
                return super()._connect()
            except OSError:
                breaker.failed()
                raise

        def send_packed_command(self, *args: Any, **named: Any) -> Any:
            # Without a socket it connects and reads first, which report for themselves.
            if self._sock is None:
                self.connect()
            try:
                return super().send_packed_command(*args, **named)
            except AWAY:
                breaker.failed()
                raise

        def read_response(self, *args: Any, **named: Any) -> Any:
            try:
                answer = super().read_response(*args, **named)
            except BaseException as error:
                _judge(error, breaker)
                raise
            breaker.succeeded()
            return answer

    return GuardedConnection


def _judge(error: BaseException, breaker: Breaker) -> None:
    if isinstance(error, AWAY) and not isinstance(error, REPLIES):
        breaker.failed()
    elif isinstance(error, RedisError):
        breaker.succeeded()
    else:
        breaker.abandoned()


def client(url: str, *, timeout_seconds: float | None = None) -> redis.Redis:
    """A client past the breaker and without retries, for those who want the truth: the health checks."""
    return redis.Redis.from_url(
        url,
        **_timeouts(timeout_seconds or settings.REDIS_TIMEOUT_SECONDS),
        retry=Retry(NoBackoff(), 0),
        health_check_interval=30,
        decode_responses=False,
    )


@functools.cache
def cache() -> redis.Redis:
    """The Redis that may evict: answers that can be made again."""
    return _through(CachePool, settings.REDIS_CACHE_URL)


@functools.cache
def store() -> redis.Redis:
    """The Redis that never evicts: features, leaderboards, streams."""
    return _through(StorePool, settings.REDIS_STORE_URL)


def _through(pool: type[GuardedPool], url: str) -> redis.Redis:
    return redis.Redis.from_pool(pool.from_url(url, **_timeouts(settings.REDIS_TIMEOUT_SECONDS)))


def _timeouts(seconds: float) -> dict[str, float]:
    return {"socket_timeout": seconds, "socket_connect_timeout": seconds}


def ask_store(*words: str | bytes | float) -> Any:
    """One command to the store, without what redis-py's client adds around it: half of a call's time.

    Raises:
        RedisError: as from the client.
    """
    return _ask(store().connection_pool, words)


def ask_cache(*words: str | bytes | float) -> Any:
    """The same to the cache.

    Raises:
        RedisError: as from the client.
    """
    return _ask(cache().connection_pool, words)


def _ask(pool: ConnectionPool, words: Sequence[str | bytes | float]) -> Any:
    if isinstance(pool, GuardedPool):
        pool.admit()
    return ask(pool, words)


def run_script(script: str, calls: Sequence[tuple[Sequence[str], Sequence[Any]]]) -> list[Any]:
    """Run a script of the store for each (keys, arguments); one round trip, two where it is new there.

    Raises:
        RedisError: the store did not answer, or refused a call; any others may have been done.
    """
    digest = hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
    try:
        return _pipelined("EVALSHA", digest, calls)
    except NoScriptError:
        return _pipelined("EVAL", script, calls)


def _pipelined(command: str, script: str, calls: Sequence[tuple[Sequence[str], Sequence[Any]]]) -> list[Any]:
    with store().pipeline(transaction=False) as pipe:
        for keys, arguments in calls:
            pipe.execute_command(command, script, len(keys), *keys, *arguments)  # type: ignore[no-untyped-call]
        return pipe.execute()


def run_for_each(script: str, key: str, rows: Iterable[Sequence[str | float]]) -> None:
    """Run a script on a key of the store, once a row of arguments (one round trip).

    Raises:
        RedisError: the store did not answer; any part may have been done.
    """
    with store().pipeline(transaction=False) as pipe:
        registered = store().register_script(script)
        for row in rows:
            registered(keys=[key], args=row, client=pipe)
        pipe.execute()


def delete_keys(*, prefix: str) -> int:
    """Delete all keys that begin with a prefix, on both servers; returns how many. For benchmarks and tests.

    Raises:
        ValueError: the prefix is that of real data.
    """
    if not prefix.endswith(("_bench", "_test")):
        raise ValueError(f"{prefix!r} is not the prefix of a benchmark or a test.")
    deleted = 0
    for server in (store(), cache()):
        found = list(server.scan_iter(f"{prefix}:*", count=1_000))
        for start in range(0, len(found), 1_000):
            deleted += server.delete(*found[start : start + 1_000])
    return deleted
