"""How the stores are set and reached, to be told beside the figures."""

from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from features.online.connection import cache, store
from registry.documents.connection import database

from .redis_fsync import ALWAYS

DRIVERS = ("psycopg2-binary", "pymongo", "mongoengine", "redis", "hiredis", "django-redis")


def store_conditions() -> dict[str, Any]:
    """Versions, connections, deadlines and durability of the three."""
    return {
        "mongodb": database().client.server_info()["version"],
        "redis": str(store().info("server")["redis_version"]),
        "drivers": {name: version(name) for name in DRIVERS},
        "connections": {
            "postgresql": f"{_way_of(connection.settings_dict['HOST'])}, kept open,"
            f" statement_timeout {settings.DB_STATEMENT_TIMEOUT_MS} ms; in the library level also the"
            " client's deadline and breaker",
            "mongodb": f"{_way_of(urlsplit(settings.MONGODB_URL).hostname)}, kept open,"
            f" timeoutMS {settings.MONGODB_TIMEOUT_MS}",
            "redis": f"{_way_of(urlsplit(settings.REDIS_STORE_URL).hostname)}, kept open,"
            f" socket_timeout {settings.REDIS_TIMEOUT_SECONDS * 1_000:.0f} ms (30 s for the complex query)",
        },
        "durability": {
            "postgresql": _postgresql("fsync", "synchronous_commit", "shared_buffers", "jit"),
            "mongodb": "w majority, j true, or w 1, j false, by the race; a replica set of one",
            "redis": {
                "cache": _policy(cache()),
                "store": _policy(store()),
                "store, on disk before the answer": f"appendfsync {ALWAYS}",
            },
        },
        "clients": "processes of Python on the same cores as the servers; garbage collector off while timed",
    }


def _way_of(host: str | None) -> str:
    return "Unix socket" if not host or host.startswith("/") else f"TCP to {host}"


def _postgresql(*names: str) -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY(%s)", [list(names)]
        )
        return dict(cursor.fetchall())


def _policy(server: Any) -> dict[str, str]:
    found: dict[str, str] = server.config_get("appendonly", "appendfsync", "maxmemory", "maxmemory-policy")
    return {_text(name): _text(value) for name, value in found.items()}


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
