"""Cursors whose calls go through :meth:`GuardedConnection.guarded`."""

from collections.abc import Callable
from typing import Any

from psycopg2.extensions import cursor

# What Django asks an idle connection before it uses it again; a busy server answers it in time.
HEALTH_CHECK, HEALTH_CHECK_SECONDS = "SELECT 1", 1.0
CLOSE_SECONDS = 1.0


def _of(cursor: cursor) -> Callable[..., Any]:
    guarded: Callable[..., Any] = cursor.connection.guarded  # type: ignore[attr-defined]
    return guarded


class GuardedCursor(cursor):
    """A cursor whose statements have a deadline; rows that were sent are read without one."""

    def execute(self, query: Any, vars: Any = None) -> Any:  # noqa: A002 (psycopg2's name)
        if query == HEALTH_CHECK:
            if self.connection.answered_lately:  # type: ignore[attr-defined]
                return None
            return _of(self)(HEALTH_CHECK_SECONDS, super().execute, query, vars)
        return _of(self)(None, super().execute, query, vars)

    def executemany(self, query: Any, vars_list: Any) -> Any:
        return _of(self)(None, super().executemany, query, vars_list)

    def callproc(self, *args: Any) -> Any:
        return _of(self)(None, super().callproc, *args)

    def copy_expert(self, *args: Any, **named: Any) -> Any:
        return _of(self)(None, super().copy_expert, *args, **named)

    def copy_from(self, *args: Any, **named: Any) -> Any:
        return _of(self)(None, super().copy_from, *args, **named)

    def copy_to(self, *args: Any, **named: Any) -> Any:
        return _of(self)(None, super().copy_to, *args, **named)


class GuardedNamedCursor(GuardedCursor):
    """A server-side cursor: reading its rows is a call as well."""

    def fetchone(self) -> Any:
        return _of(self)(None, super().fetchone)

    def fetchmany(self, size: int | None = None) -> Any:
        return _of(self)(None, super().fetchmany, size or self.itersize)

    def fetchall(self) -> Any:
        return _of(self)(None, super().fetchall)

    def scroll(self, *args: Any, **named: Any) -> Any:
        return _of(self)(None, super().scroll, *args, **named)

    def __next__(self) -> Any:
        return _of(self)(None, super().__next__)

    def close(self) -> Any:
        if self.connection.closed:
            return super().close()
        return _of(self)(CLOSE_SECONDS, super().close)
