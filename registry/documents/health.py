"""MongoDB's health: reachable, a primary, how fast, how large, how full, its indexes."""

import socket
import time
from typing import Any

import pymongo
from django.conf import settings
from pymongo.errors import ConfigurationError, OperationFailure, PyMongoError, ServerSelectionTimeoutError
from pymongo.uri_parser import parse_uri

from registry import disk, store_health
from registry.store_health import Problem, StoreHealth

from . import collections
from .connection import database_name

STORE, TITLE = "mongodb", "MongoDB"
DEADLINE_SECONDS = 2
AUTHENTICATION_FAILED = 18
UNAUTHORIZED = 13


def check_mongodb() -> StoreHealth:
    """Ask MongoDB on a connection of its own; never raises."""
    servers = parse_uri(settings.MONGODB_URL)["nodelist"]
    address = ", ".join(f"{host}:{port}" for host, port in servers)
    if all(_refuses(host, port) for host, port in servers):
        return StoreHealth(STORE, TITLE, address, problems=(store_health.refused(TITLE, address),))
    milliseconds = DEADLINE_SECONDS * 1_000
    try:
        with pymongo.MongoClient[dict[str, Any]](
            settings.MONGODB_URL,
            serverSelectionTimeoutMS=milliseconds,
            # Shorter than the selection, so that its error says which server hangs.
            connectTimeoutMS=milliseconds // 2,
            timeoutMS=milliseconds,
            heartbeatFrequencyMS=500,
        ) as client:
            return _measure(client, address)
    except PyMongoError as error:
        return StoreHealth(STORE, TITLE, address, problems=(_explain(error, address),))


def _refuses(host: str, port: int | None) -> bool:
    """Whether nothing listens: known at once, where the driver tries until its deadline."""
    try:
        socket.create_connection((host, port or 27017), timeout=DEADLINE_SECONDS / 2).close()
    except OSError as error:
        return isinstance(error, ConnectionRefusedError)
    return False


def _measure(client: pymongo.MongoClient[dict[str, Any]], address: str) -> StoreHealth:
    database = client[database_name()]
    client.admin.command("ping")
    began = time.perf_counter()
    client.admin.command("ping")
    ping_ms = (time.perf_counter() - began) * 1_000
    stats = database.command("dbStats")
    counts = {name: database[name].estimated_document_count() for name in database.list_collection_names()}
    return StoreHealth(
        STORE,
        TITLE,
        address,
        ping_ms,
        client.server_info()["version"],
        int(stats["totalSize"]),
        dict(sorted(counts.items())),
        (*_replication(client), *_room(stats), *_parts()),
    )


def _replication(client: pymongo.MongoClient[dict[str, Any]]) -> list[Problem]:
    hello = client.admin.command("hello")
    if hello.get("setName"):
        return []
    return [
        Problem(
            "MongoDB is not a replica set, so transactions and change streams do not work.",
            "Start mongod with --replSet rs0 and run rs.initiate(), or use manage.py stack start.",
        )
    ]


def _room(stats: dict[str, Any]) -> list[Problem]:
    # A database that does not exist yet has no disk either: all its figures are 0.
    if not stats.get("fsTotalSize"):
        return []
    free = int(stats["fsTotalSize"] - stats["fsUsedSize"])
    if free >= disk.WARNING_BYTES:
        return []
    return [store_health.nearly_full(TITLE, "its data folder", free, is_fatal=free < disk.FATAL_BYTES)]


def _parts() -> list[Problem]:
    missing = collections.missing_parts()
    if not missing:
        return []
    return [
        Problem(f"MongoDB lacks {', '.join(missing)}.", "Create them: manage.py init_stores", is_fatal=False)
    ]


def _explain(error: PyMongoError, address: str) -> Problem:
    text = str(error)
    if isinstance(error, OperationFailure) and error.code in (AUTHENTICATION_FAILED, UNAUTHORIZED):
        return store_health.wrong_password(TITLE, "MONGODB_URL")
    if isinstance(error, ConfigurationError):
        return Problem(f"MONGODB_URL can't be used: {text[:200]}", "Mend the URL (see .env.example).")
    if "refused" in text:
        return store_health.refused(TITLE, address)
    if "ReplicaSetNoPrimary" in text and "timed out" not in text:
        return Problem(
            f"MongoDB at {address} has no primary for the replica set in MONGODB_URL.",
            "Wait for an election, or initiate the set: manage.py stack start does it for the embedded one.",
        )
    if error.timeout or isinstance(error, ServerSelectionTimeoutError):
        return store_health.hanging(TITLE, address, DEADLINE_SECONDS)
    return store_health.unknown(TITLE, error)
