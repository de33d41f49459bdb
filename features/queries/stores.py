"""The health of all stores at once, within a deadline that holds whatever hangs."""

import threading
import time
from collections.abc import Callable

from django.db import connections

from features.online.health import check_cache, check_store
from registry import store_health
from registry.documents.health import check_mongodb
from registry.messaging.protocols import is_rabbitmq
from registry.queries.postgres_health import check_postgres
from registry.store_health import StoreHealth

Check = Callable[[], StoreHealth]
CHECKS: tuple[tuple[str, str, Check], ...] = (
    ("postgresql", "PostgreSQL", check_postgres),
    ("mongodb", "MongoDB", check_mongodb),
    ("redis-cache", "Redis (cache)", check_cache),
    ("redis-store", "Redis (store)", check_store),
)
DEADLINE_SECONDS = 2.5


def _check_rabbitmq() -> StoreHealth:
    from registry.messaging.health import check_rabbitmq  # noqa: PLC0415 (its client, where it is used)

    return check_rabbitmq()


def checks() -> tuple[tuple[str, str, Check], ...]:
    """The stores', and RabbitMQ's where it is the broker; otherwise the broker is one of the stores."""
    if is_rabbitmq():
        return (*CHECKS, ("rabbitmq", "RabbitMQ", _check_rabbitmq))
    return CHECKS


def store_healths(*, deadline_seconds: float = DEADLINE_SECONDS) -> list[StoreHealth]:
    """Every store's health, asked side by side; one that passes the deadline is said to hang."""
    results: dict[str, StoreHealth] = {}
    asked = checks()
    threads = [
        threading.Thread(target=_run, args=(name, title, check, results), daemon=True)
        for name, title, check in asked
    ]
    for thread in threads:
        thread.start()
    until = time.monotonic() + deadline_seconds
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return [results.get(name) or _too_late(name, title, deadline_seconds) for name, title, _ in asked]


def _run(name: str, title: str, check: Check, results: dict[str, StoreHealth]) -> None:
    try:
        results[name] = check()
    except Exception as error:  # noqa: BLE001 (a probe may fail in ways that no driver lists)
        results[name] = StoreHealth(name, title, "", problems=(store_health.unknown(title, error),))
    finally:
        connections.close_all()


def _too_late(name: str, title: str, seconds: float) -> StoreHealth:
    return StoreHealth(name, title, "", problems=(store_health.hanging(title, "it", seconds),))
