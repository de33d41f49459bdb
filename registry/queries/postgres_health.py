"""PostgreSQL's health: reachable, how fast, how large, how full."""

import time
from typing import Any

import psycopg2
from django.db import connections

from registry import store_health
from registry.disk import check_room
from registry.store_health import Problem, StoreHealth

STORE, TITLE = "postgresql", "PostgreSQL"
CONNECT_SECONDS = 2
EXACT_BELOW = 50_000
FULL_SHARE = 0.8

SIZES = """
SELECT coalesce(p.relname, c.relname), sum(greatest(c.reltuples, 0))::bigint
FROM pg_class c
LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class p ON p.oid = i.inhparent
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
  AND (c.relname LIKE 'registry\\_%' OR c.relname LIKE 'features\\_%')
GROUP BY 1 ORDER BY 1
"""
CONNECTIONS = """
SELECT count(*), current_setting('max_connections')::int
FROM pg_stat_activity WHERE backend_type = 'client backend'
"""


def check_postgres() -> StoreHealth:
    """Ask PostgreSQL on a connection of its own; never raises."""
    parameters = connections["default"].get_connection_params()
    address = f"{parameters.get('host', 'localhost')}:{parameters.get('port', 5432)}"
    try:
        connection = psycopg2.connect(**_arguments(parameters))
    except psycopg2.Error as error:
        return StoreHealth(STORE, TITLE, address, problems=(_explain(error, address),))
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            return _measure(cursor, address)
    except psycopg2.Error as error:
        return StoreHealth(STORE, TITLE, address, problems=(_explain(error, address),))
    finally:
        connection.close()


def _arguments(parameters: dict[str, Any]) -> dict[str, Any]:
    """Django's own connection parameters, with deadlines that suit a check-up."""
    kept = {key: parameters[key] for key in ("host", "port", "user", "password") if key in parameters}
    return kept | {
        "dbname": parameters.get("dbname", "postgres"),
        "connect_timeout": CONNECT_SECONDS,
        "options": "-c statement_timeout=2000",
    }


def _measure(cursor: Any, address: str) -> StoreHealth:
    began = time.perf_counter()
    cursor.execute("SELECT current_setting('server_version'), pg_database_size(current_database())")
    ping_ms = (time.perf_counter() - began) * 1_000
    version, size = cursor.fetchone()
    problems = [*_connections(cursor), *_folder(cursor), *_writes(cursor)]
    return StoreHealth(STORE, TITLE, address, ping_ms, version, size, _counts(cursor), tuple(problems))


def _counts(cursor: Any) -> dict[str, int]:
    """Rows by table: counted where there are few, PostgreSQL's estimate where there are many."""
    cursor.execute(SIZES)
    estimates: dict[str, int] = dict(cursor.fetchall())
    few = [name for name, rows in estimates.items() if rows < EXACT_BELOW]
    if few:
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in few))  # noqa: S608
        estimates |= dict(cursor.fetchall())
    return dict(sorted(estimates.items()))


def _connections(cursor: Any) -> list[Problem]:
    cursor.execute(CONNECTIONS)
    used, allowed = cursor.fetchone()
    if used < FULL_SHARE * allowed:
        return []
    return [
        Problem(
            f"PostgreSQL has {used} of {allowed} connections in use.",
            "Lower CONN_MAX_AGE or the number of workers, or raise max_connections.",
            is_fatal=False,
        )
    ]


def _folder(cursor: Any) -> list[Problem]:
    try:
        cursor.execute("SHOW data_directory")
    except psycopg2.Error:
        return []
    return check_room(TITLE, cursor.fetchone()[0])


def _writes(cursor: Any) -> list[Problem]:
    """Whether a write reaches the disk: the smallest that goes through the log."""
    try:
        cursor.execute("SELECT pg_logical_emit_message(true, 'mlplatform', repeat('x', 20000))")
    except psycopg2.Error as error:
        return [_explain(error, "the data folder")]
    return []


def _explain(error: psycopg2.Error, address: str) -> Problem:
    text = " ".join(str(error).split())
    for fragments, problem in _known_problems(address, text):
        if any(fragment in text for fragment in fragments):
            return problem
    return store_health.unknown(TITLE, error)


def _known_problems(address: str, text: str) -> list[tuple[tuple[str, ...], Problem]]:
    return [
        (("refused", "No such file"), store_health.refused(TITLE, address)),
        (
            ("timeout expired", "statement timeout"),
            store_health.hanging(TITLE, address, CONNECT_SECONDS),
        ),
        (("authentication failed",), store_health.wrong_password(TITLE, "DATABASE_URL")),
        (
            ("No space left", "could not extend"),
            store_health.nearly_full(TITLE, "its data folder", 0, is_fatal=True),
        ),
        (
            ("too many clients", "connection slots"),
            Problem("PostgreSQL has no free connection.", "Stop some workers, or raise max_connections."),
        ),
        (
            ("shutting down", "starting up"),
            Problem("PostgreSQL is starting or stopping.", "Wait a few seconds and ask again."),
        ),
        (
            ("does not exist",),
            Problem(f"PostgreSQL lacks something: {text[:200]}", "Create it: manage.py init_stores"),
        ),
    ]
