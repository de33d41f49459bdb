"""Rows of a table that belong to runs, read beside the runs in one pass over each table.

Both are ordered by the run's id as text, by SQLite, on disk where they are many; so no index is needed, and
memory holds one run's rows.
"""

import sqlite3
from collections.abc import Iterator
from typing import Any

from .mapping import ChildTable
from .opening import BadText, encoding_of, quoted

Values = tuple[Any, ...]


class Children:
    """The rows of one table, run by run in the order of :func:`sorted_by`.

    Attributes:
        orphans: how many rows belonged to no run; ``first_orphan`` the id that the first one names.
    """

    def __init__(self, connection: sqlite3.Connection, table: ChildTable) -> None:
        self.table = table
        columns = ", ".join(quoted(name) for name in table.columns[1:])
        run, name = f"CAST({quoted(table.run)} AS TEXT)", quoted(table.table)
        number = _rowid(connection, name)
        order = f"ORDER BY {run} COLLATE BINARY, {number}"
        sql = f"SELECT {run}, {number}, {columns} FROM {name} {order}"  # noqa: S608 (quoted)
        self._encoding = encoding_of(connection)
        self._rows: Iterator[Values] = iter(connection.execute(sql))
        self._next = next(self._rows, None)
        self._run = ""
        self.orphans, self.first_orphan = 0, ""

    def of(self, run: str) -> Iterator[Values]:
        """The rows of a run, as run, rowid and the other columns; runs must come in their order.

        They may be left unread.
        """
        wanted = sort_key(run, self._encoding)
        while (row := self._next) is not None and sort_key(row[0], self._encoding) < wanted:
            self._skip(row)
        self._run = run
        return self._of(run)

    def _of(self, run: str) -> Iterator[Values]:
        while (row := self._next) is not None and row[0] == run == self._run:
            self._next = next(self._rows, None)
            yield row

    def finish(self) -> None:
        """Count what is left: it belongs to no run."""
        while (row := self._next) is not None:
            self._skip(row)

    def _skip(self, row: Values) -> None:
        if row[0] != self._run:
            self.orphans += 1
            self.first_orphan = self.first_orphan or str(row[0])[:100]
        self._next = next(self._rows, None)


def sort_key(text: Any, encoding: str) -> bytes:
    """How SQLite orders texts: by their bytes in its own encoding; NULL first."""
    if isinstance(text, BadText):
        return text.raw
    return b"" if text is None else str(text).encode(encoding, errors="surrogatepass")


def _rowid(connection: sqlite3.Connection, table: str) -> str:
    """What tells its rows apart; a table without rowids has nothing that all tables have."""
    try:
        connection.execute(f"SELECT rowid FROM {table} LIMIT 0")  # noqa: S608 (quoted)
    except sqlite3.OperationalError:
        return "NULL"
    return "rowid"
