"""Reading the records of a protocol from its stores: all that differs between them for the checker."""

import contextlib
from collections.abc import Iterator
from typing import Any

import psycopg2
import pymongo
from psycopg2 import extensions
from pymongo.database import Database

from tests.private_stack import PrivateStack

from .checker import Record, Snapshot
from .naive import TABLE


@contextlib.contextmanager
def postgres(stack: PrivateStack) -> Iterator[extensions.connection]:
    connection = psycopg2.connect(stack.url("DATABASE_URL"), connect_timeout=5)
    connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()


@contextlib.contextmanager
def mongodb(url: str) -> Iterator[Database[dict[str, Any]]]:
    with pymongo.MongoClient[dict[str, Any]](url, tz_aware=True, timeoutMS=20_000) as client:
        yield client.get_default_database()


def rows(stack: PrivateStack, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with postgres(stack) as connection, connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def read_naive(stack: PrivateStack) -> Snapshot:
    with mongodb(stack.url("MONGODB_URL")) as database:
        documents = list(database[TABLE].find({}))
    return Snapshot(
        postgres=[_naive(*row) for row in rows(stack, "SELECT id, reference, body FROM chaos_naive_run")],
        mongodb=[_naive(each["run_id"], each["reference"], each["body"]) for each in documents],
    )


def _naive(run_id: int, reference: str, body: dict[str, Any]) -> Record:
    fields = {name: value for name, value in body.items() if name != "notes"}
    return Record(str(run_id), reference, fields, tuple(body["notes"]))
