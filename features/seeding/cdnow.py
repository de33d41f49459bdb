"""CDNOW: what 23,570 customers of a music shop bought from January 1997 to June 1998.

The file ships in the ``lifetimes`` wheel and is read where it lies, without importing the package,
whose own dependencies are not installed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from features.seeding.wheels import wheel_file

FILE = Path("datasets", "CDNOW_master.txt")
SAMPLE = Path("datasets", "CDNOW_sample.txt")


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
    with _path(FILE).open(encoding="ascii") as lines:
        next(lines)  # the heading
        for line in lines:
            if columns := line.split():
                yield _transaction(*columns)


def sample() -> list[str]:
    """The customers of the papers: 2,357, a tenth of all.

    Raises:
        CdnowNotFoundError: the wheel that holds the file is not installed.
    """
    with _path(SAMPLE).open(encoding="ascii") as lines:
        return list(dict.fromkeys(line.split()[0] for line in lines if line.strip()))


def _transaction(customer_id: str, date: str, quantity: str, amount: str) -> Transaction:
    day = datetime(int(date[:4]), int(date[4:6]), int(date[6:]), tzinfo=UTC)
    return Transaction(customer_id, day, int(quantity), Decimal(amount))


def _path(file: Path) -> Path:
    if path := wheel_file("lifetimes", file):
        return path
    raise CdnowNotFoundError("CDNOW needs the lifetimes wheel: pip install -r requirements.txt")
