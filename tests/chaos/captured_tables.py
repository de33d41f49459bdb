"""Tables under a load of every kind of change, their collections, and the two side by side."""

import contextlib
import io
import math
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg2
import pymongo
from psycopg2.extensions import connection
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from registry.documents.captured import collection_of
from tests.private_stack import PrivateStack

ACCOUNTS, BALANCE = 20, 1_000
TABLES = ("capture_row", "capture_account")
MADE = """
CREATE TABLE capture_row (id bigint PRIMARY KEY, name text, ratio float8, large text, version int NOT NULL);
ALTER TABLE capture_row ALTER large SET STORAGE EXTERNAL;
CREATE TABLE capture_account (id int PRIMARY KEY, balance int NOT NULL);
INSERT INTO capture_account SELECT g, 1000 FROM generate_series(1, 20) g;
"""
INSERT = """
INSERT INTO capture_row SELECT g, 'row-' || g, CASE g %% 7 WHEN 0 THEN 'NaN' ELSE g / 3.0 END,
    repeat(md5(g::text), CASE g %% 5 WHEN 0 THEN 100 ELSE 1 END), 1 FROM generate_series(%s, %s) g
"""
Row = tuple[Any, ...]


@dataclass
class Load:
    """One client that changes rows, until told to stop; a server that dies under it is waited for."""

    url: str
    seed: int
    counts: Counter[str] = field(default_factory=Counter)
    _next: int = 1

    def run(self, stop: threading.Event) -> None:
        rng = random.Random(self.seed)
        acts = (
            self._insert,
            self._insert,
            self._copy,
            self._update,
            self._delete,
            self._move,
            self._transfer,
        )
        while not stop.is_set():
            try:
                with contextlib.closing(psycopg2.connect(self.url, connect_timeout=2)) as opened:
                    while not stop.wait(0.005):
                        act = rng.choice(acts)
                        with opened:
                            act(opened, rng)
                        self.counts[act.__name__.lstrip("_")] += 1
            except (psycopg2.Error, SystemError):  # psycopg2 raises the latter for a COPY cut in two
                self.counts["broken off"] += 1
                stop.wait(0.1)

    def _insert(self, opened: connection, _rng: random.Random) -> None:
        self._say(opened, INSERT, self._next, self._next + 9)
        self._next += 10

    def _copy(self, opened: connection, _rng: random.Random) -> None:
        lines = "".join(f"{self._next + each}\tcopied\t\\N\t{'c' * 2_500}\t1\n" for each in range(5))
        self._next += 5
        with opened.cursor() as cursor:
            cursor.copy_expert("COPY capture_row FROM STDIN", io.StringIO(lines))

    def _update(self, opened: connection, rng: random.Random) -> None:
        start = rng.randrange(self._next)
        self._say(
            opened,
            "UPDATE capture_row SET version = version + 1 WHERE id BETWEEN %s AND %s",
            start,
            start + 20,
        )

    def _delete(self, opened: connection, rng: random.Random) -> None:
        start = rng.randrange(self._next)
        self._say(opened, "DELETE FROM capture_row WHERE id BETWEEN %s AND %s", start, start + 3)

    def _move(self, opened: connection, rng: random.Random) -> None:
        """Another key for a few rows, their large values left alone."""
        start = rng.randrange(self._next)
        moved = (
            "UPDATE capture_row SET id = id + 1000000000, version = version + 1 WHERE id BETWEEN %s AND %s"
        )
        self._say(opened, moved, start, start + 2)

    def _transfer(self, opened: connection, rng: random.Random) -> None:
        """Two rows in one transaction: whoever sees one of them changed sees both."""
        one, other = rng.sample(range(1, ACCOUNTS + 1), 2)
        amount = rng.randrange(100)
        change = "UPDATE capture_account SET balance = balance + %s WHERE id = %s"
        self._say(opened, change, -amount, one)
        self._say(opened, change, amount, other)

    def _say(self, opened: connection, statement: str, *values: Any) -> None:
        with opened.cursor() as cursor:
            cursor.execute(statement, values)


@dataclass
class Reader:
    """Adds all accounts up in MongoDB, over and over: a transaction that is there by half would show."""

    url: str
    reads: int = 0
    torn: int = 0

    def run(self, stop: threading.Event) -> None:
        while not stop.wait(0.02):
            with contextlib.suppress(PyMongoError), documents(self.url) as database:
                self._read(database)

    def _read(self, database: Any) -> None:
        total = [{"$group": {"_id": None, "sum": {"$sum": "$balance"}, "rows": {"$sum": 1}}}]
        with (
            database.client.start_session() as session,
            session.start_transaction(read_concern=ReadConcern("snapshot")),
        ):
            found = list(database[collection_of("capture_account")].aggregate(total, session=session))
        if found:
            self.reads += 1
            self.torn += (found[0]["sum"], found[0]["rows"]) != (ACCOUNTS * BALANCE, ACCOUNTS)


@dataclass(frozen=True)
class Difference:
    """What MongoDB has, against PostgreSQL."""

    rows: int
    missing: int
    stale: int
    extra: int

    @property
    def is_none(self) -> bool:
        return not (self.missing or self.stale or self.extra)


def make_tables(stack: PrivateStack) -> None:
    execute(stack, MADE)


def execute(stack: PrivateStack, statement: str, *values: Any) -> None:
    with contextlib.closing(psycopg2.connect(stack.url("DATABASE_URL"))) as opened:
        opened.autocommit = True
        with opened.cursor() as cursor:
            cursor.execute(statement, values or None)


def difference(stack: PrivateStack) -> Difference:
    wanted, found = _rows(stack), _documents(stack)
    return Difference(
        rows=len(wanted),
        missing=len(wanted.keys() - found.keys()),
        stale=sum(1 for key in wanted.keys() & found.keys() if wanted[key] != found[key]),
        extra=len(found.keys() - wanted.keys()),
    )


@contextlib.contextmanager
def documents(url: str) -> Iterator[Any]:
    with pymongo.MongoClient[dict[str, Any]](url, timeoutMS=3_000, serverSelectionTimeoutMS=2_000) as client:
        yield client.get_default_database()


def _rows(stack: PrivateStack) -> dict[Any, Row]:
    found: dict[Any, Row] = {}
    with contextlib.closing(psycopg2.connect(stack.url("DATABASE_URL"))) as opened:
        for table, names in COLUMNS.items():
            with opened.cursor() as cursor:
                cursor.execute(f"SELECT {', '.join(names)} FROM {table}")  # noqa: S608 (names of ours)
                found |= {(table, row[0]): _comparable(row) for row in cursor.fetchall()}
    return found


def _documents(stack: PrivateStack) -> dict[Any, Row]:
    found: dict[Any, Row] = {}
    with documents(stack.url("MONGODB_URL")) as database:
        for table, names in COLUMNS.items():
            for row in database[collection_of(table)].find():
                found[table, row["_id"]] = _comparable(tuple(row.get(name, "absent") for name in names))
    return found


def _comparable(row: Row) -> Row:
    return tuple("NaN" if isinstance(each, float) and math.isnan(each) else each for each in row)


COLUMNS = {"capture_row": ("id", "name", "ratio", "large", "version"), "capture_account": ("id", "balance")}
Target = Callable[[threading.Event], None]
