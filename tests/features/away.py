"""Redis as it is when nothing answers."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import LazySettings

from features.online import connection

NOWHERE = "redis://127.0.0.1:1/0"


@contextmanager
def redis_is_away(settings: LazySettings, *servers: str) -> Iterator[None]:
    """Point the clients of these servers (``CACHE``, ``STORE``) at a port where nothing answers."""
    urls = {f"REDIS_{server}_URL": getattr(settings, f"REDIS_{server}_URL") for server in servers}
    try:
        _point(settings, dict.fromkeys(urls, NOWHERE))
        yield
    finally:
        _point(settings, urls)


def _point(settings: LazySettings, urls: dict[str, str]) -> None:
    for name, url in urls.items():
        setattr(settings, name, url)
    connection.store.cache_clear()
    connection.cache.cache_clear()
