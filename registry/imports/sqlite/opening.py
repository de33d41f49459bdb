"""Opening a foreign SQLite database: read-only, and trusting nothing that its file says.

No other file is attached, no extension loaded, no view or virtual table read, and no function called that
could reach out. A text that is no UTF-8 comes as :class:`BadText`, not as an error of the whole table.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from registry.exceptions import BadInputError

MAGIC = b"SQLite format 3\x00"
HEADER_BYTES = 100
CHECKED = 3
BUSY_SECONDS = 10
UNOPENED = "unable to open"
ALLOWED = {
    sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_PRAGMA,
}  # fmt: skip
FUNCTIONS = {"count", "typeof", "min", "max", "json_valid", "pragma_table_info", "length", "group_concat"}
PRAGMAS = {"table_info", "foreign_key_list", "encoding", "quick_check", "trusted_schema", "query_only"}
ENCODINGS = {"UTF-8": "utf-8", "UTF-16le": "utf-16-le", "UTF-16be": "utf-16-be"}
AGAIN = "Copy it again, while nobody writes to it, with its -wal file beside it."


@dataclass(frozen=True)
class BadText:
    """A text that is not in the database's encoding."""

    raw: bytes


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The database, for reading.

    Raises:
        BadInputError: it is none, is cut off or encrypted, or can't be read; says what helps.
    """
    try:
        with closing(connected(path)) as connection:
            connection.text_factory = _text
            yield connection
    except sqlite3.Error as error:
        raise BadInputError(f"{path.name} can't be read: {error}. {AGAIN}") from error


def connected(path: Path) -> sqlite3.Connection:
    """The same for those who close it themselves, and read its texts in their own way.

    Raises:
        BadInputError: it is none, or is cut off or encrypted.
        sqlite3.Error: it can't be read.
    """
    _check_header(path)
    connection = _connected(path)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA query_only = ON")
    connection.set_authorizer(_authorized)
    return connection


def check(connection: sqlite3.Connection) -> list[str]:
    """What SQLite finds broken in it; nothing for a sound one (reads all of it)."""
    rows = connection.execute(f"PRAGMA quick_check({CHECKED})")
    return [str(text) for (text,) in rows if text != "ok"]


def encoding_of(connection: sqlite3.Connection) -> str:
    """The encoding of its texts, as Python names it."""
    return ENCODINGS[connection.execute("PRAGMA encoding").fetchone()[0]]


def quoted(name: str) -> str:
    """A name of a table or column, as SQL takes it."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _check_header(path: Path) -> None:
    try:
        size, head = path.stat().st_size, b""
        with path.open("rb") as file:
            head = file.read(HEADER_BYTES)
    except OSError as error:
        raise BadInputError(f"{path} can't be read: {error.strerror}.") from error
    if not head:
        raise BadInputError(f"{path.name} is empty. {AGAIN}")
    if not head.startswith(MAGIC):
        raise BadInputError(
            f"{path.name} is no SQLite database, or it is encrypted. Decrypt it first, or name another file."
        )
    page = int.from_bytes(head[16:18]) or 0
    page = 65_536 if page == 1 else page
    pages = int.from_bytes(head[28:32])
    is_told = head[24:28] == head[92:96]  # else the number of pages is of an older writer
    if len(head) < HEADER_BYTES or page == 0 or (is_told and pages * page > size):
        raise BadInputError(
            f"{path.name} is cut off: {size:,} bytes of {max(pages * page, HEADER_BYTES):,}. {AGAIN}"
        )


def _connected(path: Path) -> sqlite3.Connection:
    address = f"file:{quote(str(path.resolve()))}?mode=ro"
    connection = sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master")
    except sqlite3.OperationalError as error:
        connection.close()
        if _has_wal(path) or UNOPENED not in str(error):
            raise  # locked, perhaps: half of what its writer does would be read
        # In WAL mode, in a folder that can't be written: all of it is in the file itself.
        connection = sqlite3.connect(f"{address}&immutable=1", uri=True)
        connection.execute("SELECT count(*) FROM sqlite_master")
    return connection


def _has_wal(path: Path) -> bool:
    wal = path.with_name(f"{path.name}-wal")
    return wal.exists() and wal.stat().st_size > 0


def _text(raw: bytes) -> object:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return BadText(raw)


def _authorized(action: int, first: str | None, second: str | None, *_: object) -> int:
    if action not in ALLOWED:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and second not in FUNCTIONS:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and first not in PRAGMAS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK
