"""A database of MLflow's, read and never written: the columns that are there, and rows as they come.

SQLite and PostgreSQL differ in how they are opened and how they tell their columns; the questions are the
same. A statement has ``?`` for its values.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import psycopg2
from psycopg2 import extras

from registry.imports.sqlite.opening import connected, quoted

from .addresses import parameters_of, place_of
from .values import UnreadableError

Row = Mapping[str, Any]
BUSY_SECONDS = 10
LARGEST_VALUE = 32 * 1024 * 1024
FETCHED = 5_000
IN_SQLITE = "SELECT name, sql FROM sqlite_schema WHERE type = 'table'"
IN_POSTGRES = (
    "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
)
FROM_A_COPY = "Take the file from a backup, or make it whole with `sqlite3 FILE .recover`."


class Tables(Protocol):
    """What both kinds can do. What a database refuses is an UnreadableError."""

    columns: Mapping[str, frozenset[str]]

    def rows(self, statement: str, values: Sequence[object] = ()) -> Iterator[Row]:
        """Rows by the names of their columns."""

    def tuples(self, statement: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """Rows without names, fetched as they are asked for."""

    def check(self) -> None:
        """Read it all once, as far as that finds damage."""


class SqliteTables:
    """A file of SQLite.

    Raises:
        BadInputError: it can't be opened, is no database, or is cut off.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._connection = connected(path)
            self._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_VALUE)
            self._connection.text_factory = _text
            self.columns: Mapping[str, frozenset[str]] = _by_table(self._columns())
        except sqlite3.Error as error:
            raise _refused(error) from error

    def _columns(self) -> Iterator[tuple[str, str]]:
        for table, made_by in self._connection.execute(IN_SQLITE).fetchall():
            if str(made_by).upper().startswith("CREATE VIRTUAL"):
                continue  # its rows would come from code
            for column in self._connection.execute(f"PRAGMA table_info({quoted(table)})"):
                yield table, column[1]

    def rows(self, statement: str, values: Sequence[object] = ()) -> Iterator[Row]:
        """Rows by the names of their columns."""
        try:
            with closing(self._connection.execute(statement, tuple(values))) as cursor:
                names = [each[0] for each in cursor.description]
                for row in cursor:
                    yield dict(zip(names, row, strict=True))
        except sqlite3.Error as error:
            raise _refused(error) from error

    def tuples(self, statement: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """Rows without names."""
        try:
            with closing(self._connection.execute(statement, tuple(values))) as cursor:
                yield from cursor
        except sqlite3.Error as error:
            raise _refused(error) from error

    def check(self) -> None:
        """Read every page once."""
        ((said,),) = self.tuples("PRAGMA quick_check(1)")
        if said != "ok":
            raise UnreadableError(f"The database is damaged: {said.splitlines()[-1]}.", FROM_A_COPY)


class PostgresTables:
    """A database of a PostgreSQL server, all of it as it stood when it was opened.

    Args:
        url: as SQLAlchemy has it, such as ``postgresql+psycopg2://user:password@host/mlflow``.

    Attributes:
        place: what tells it from other stores, without a password.

    Raises:
        UnreadableError: nobody answers, or not us.
    """

    def __init__(self, url: str) -> None:
        parameters: dict[str, Any] = {**parameters_of(url), "connect_timeout": BUSY_SECONDS}
        self._numbers = count()
        try:
            self._connection = psycopg2.connect(**parameters)
            self.place = place_of(self._connection.get_dsn_parameters())
            self._connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
            self._connection.set_client_encoding("UTF8")
            with self._connection.cursor() as cursor:
                cursor.execute(IN_POSTGRES)
                self.columns: Mapping[str, frozenset[str]] = _by_table(cursor)
        except psycopg2.Error as error:
            raise _refused(error) from error

    def rows(self, statement: str, values: Sequence[object] = ()) -> Iterator[Row]:
        """Rows by the names of their columns."""
        try:
            with self._connection.cursor(cursor_factory=extras.RealDictCursor) as cursor:
                cursor.execute(statement.replace("?", "%s"), tuple(values))
                yield from cursor
        except psycopg2.Error as error:
            raise _refused(error) from error

    def tuples(self, statement: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        """Rows without names, some thousands at a time."""
        try:
            with self._connection.cursor(f"mlflow_{next(self._numbers)}") as cursor:
                cursor.itersize = FETCHED
                cursor.execute(statement.replace("?", "%s"), tuple(values))
                yield from cursor
        except psycopg2.Error as error:
            raise _refused(error) from error

    def close(self) -> None:
        """Let go of the server."""
        self._connection.close()

    def check(self) -> None:
        """PostgreSQL checks what it reads."""


def _by_table(found: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    columns = defaultdict(set)
    for table, column in found:
        columns[table].add(column)
    return {table: frozenset(names) for table, names in columns.items()}


def _text(data: bytes) -> str:
    """What is no UTF-8 is recognised by its half characters, and told with its place."""
    return data.decode("utf-8", "surrogateescape")


def _refused(error: Exception) -> UnreadableError:
    said = (str(error).strip().splitlines() or ["no reason given"])[0]
    if isinstance(error, psycopg2.Error):
        return UnreadableError(f"The database refused: {said}.", "Check the address and its permissions.")
    if isinstance(error, sqlite3.OperationalError) and "locked" in said:
        return UnreadableError("Another program keeps the database locked.", "Stop MLflow meanwhile.")
    if "too big" in said:
        return UnreadableError(
            f"The database holds a value of more than {LARGEST_VALUE // 1024**2} MB.", "Shorten it."
        )
    return UnreadableError(f"The database can't be read: {said}.", FROM_A_COPY)
