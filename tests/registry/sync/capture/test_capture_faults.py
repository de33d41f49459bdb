"""Servers of its own: a slot that is left alone too long, and PostgreSQL killed under a consumer."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import psycopg2
import pytest
import redis

from tests.private_stack import PrivateStack, running_stack

pytestmark = [pytest.mark.slow, pytest.mark.fault, pytest.mark.timeout(400)]
KEY = "mlp:run-info:" + "a" * 32


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateStack]:
    with running_stack(tmp_path_factory, "capture") as made:
        yield made


def execute(stack: PrivateStack, *statements: str) -> Any:
    connection = psycopg2.connect(stack.url("DATABASE_URL"), connect_timeout=5)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            return cursor.fetchone() if cursor.description else None
    finally:
        connection.close()


def status(stack: PrivateStack) -> tuple[int, dict[str, Any]]:
    asked = stack.manage("cdc", "status", "--consumer", "cache", "--json")
    return asked.returncode, json.loads(asked.stdout)[0]


def until(is_so: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_slot_left_alone_too_long_is_lost_and_the_disk_is_not(stack: PrivateStack) -> None:
    assert stack.manage("cdc", "run", "--once", "--consumer", "cache").returncode == 0
    execute(stack, "ALTER SYSTEM SET max_slot_wal_keep_size = '16MB'", "SELECT pg_reload_conf()")
    fill = (
        "SELECT count(pg_logical_emit_message(false, 'x', repeat('x', 1000000))) FROM generate_series(1, 30)"
    )
    execute(stack, fill)
    code, found = status(stack)
    assert code == 0
    assert found["room_bytes"] < found["retained_bytes"]
    assert "half of what PostgreSQL keeps for it is used up" in found["problem"]
    execute(stack, fill, "CHECKPOINT")
    code, found = status(stack)
    assert (code, found["state"], found["wal_status"]) == (1, "lost", "lost")
    assert "cdc reset --consumer cache" in found["cure"]
    assert "the slot is lost" in stack.manage("doctor").stdout
    kept = sum(file.stat().st_size for file in (stack.folder / "data/postgres/pg_wal").glob("0*"))
    assert kept < 200 * 1024**2
    again = stack.manage("cdc", "run", "--once", "--consumer", "cache")
    assert again.returncode == 0, again.stderr
    assert "It begins anew." in again.stderr


def test_a_consumer_outlives_postgresql_and_ends_when_told(stack: PrivateStack) -> None:
    cache = redis.Redis.from_url(stack.url("REDIS_CACHE_URL"))
    process = stack.begin([sys.executable, "manage.py", "cdc", "run", "--consumer", "cache"])
    assert process.stdout
    try:
        until(lambda: execute(stack, "SELECT bool_or(active) FROM pg_replication_slots")[0] is True)
        for pid in reversed(stack.tree("postgres")):
            with suppress(ProcessLookupError):  # sessions come and go
                os.kill(pid, signal.SIGKILL)
        until(lambda: is_up(stack))
        cache.set(KEY, b"{}")
        execute(stack, "TRUNCATE registry_runtag")
        until(lambda: not cache.exists(KEY))
    finally:
        process.send_signal(signal.SIGTERM)
        process.stdout.close()
        assert process.wait(30) == 0


def is_up(stack: PrivateStack) -> bool:
    try:
        execute(stack, "SELECT 1")
    except psycopg2.OperationalError:
        return False
    return True
