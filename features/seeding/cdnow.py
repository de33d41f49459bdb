"""CDNOW: what 23,570 customers of a music shop bought from January 1997 to June 1998.

The file ships in the ``lifetimes`` wheel and is read where it lies, without importing the package,
whose own dependencies are not installed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

FILE = Path("datasets", "CDNOW_master.txt")


class CdnowNotFoundError(Exception):
    """The ``lifetimes`` wheel, or the file in it, is not installed."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """One purchase: CDs bought on one day (midnight UTC) for an amount of US dollars."""

    customer_id: str
    purchased_at: datetime
    quantity: int
    amount: Decimal


def transactions() -> Iterator[Transaction]:
    """All 69,659 transactions in the order of the file: by customer, then by date.

    Raises:
        CdnowNotFoundError: the wheel that holds the file is not installed.
    """
    with _path().open(encoding="ascii") as lines:
        next(lines)  # the heading
        for line in lines:
            if columns := line.split():
                yield _transaction(*columns)


def _transaction(customer_id: str, date: str, quantity: str, amount: str) -> Transaction:
    day = datetime(int(date[:4]), int(date[4:6]), int(date[6:]), tzinfo=UTC)
    return Transaction(customer_id, day, int(quantity), Decimal(amount))


def _path() -> Path:
    found = find_spec("lifetimes")
    for folder in (found.submodule_search_locations or ()) if found else ():
        if (path := Path(folder) / FILE).is_file():
            return path
    raise CdnowNotFoundError("CDNOW needs the lifetimes wheel: pip install -r requirements.txt")
