"""What a turn asks of PostgreSQL, by ``pg_stat_statements``."""

from dataclasses import dataclass

import psycopg2


@dataclass(frozen=True)
class Asked:
    """Statements (with BEGIN and COMMIT) and the milliseconds PostgreSQL spent executing them."""

    calls: int
    milliseconds: float


class Meter:
    """Counts the statements of one database at a time.

    Args:
        url: any database of the server, by a user who may create the extension there.
    """

    def __init__(self, url: str) -> None:
        self._connection = psycopg2.connect(url)
        self._connection.autocommit = True
        with self._connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")

    def reset(self) -> None:
        """Begin anew."""
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_statements_reset()")

    def read(self, database: str) -> Asked:
        """What was asked of a database since then."""
        with self._connection.cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(sum(calls), 0)::int, coalesce(sum(total_exec_time), 0)"
                " FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = %s",
                [database.rpartition("/")[2]],
            )
            (calls, milliseconds) = cursor.fetchone() or (0, 0.0)
        return Asked(calls, milliseconds)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()
