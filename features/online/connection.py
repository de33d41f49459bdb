"""The one place that connects to Redis."""

from functools import cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry


def client(url: str, *, timeout_seconds: float | None = None) -> redis.Redis:
    """A client without retries: redis-py's defaults turn a half-second timeout into nine seconds."""
    timeout = timeout_seconds or settings.REDIS_TIMEOUT_SECONDS
    return redis.Redis.from_url(
        url,
        socket_timeout=timeout,
        socket_connect_timeout=timeout,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=30,
        decode_responses=False,
    )


@cache
def store() -> redis.Redis:
    """The Redis that never evicts: features, leaderboards, streams."""
    return client(settings.REDIS_STORE_URL)
