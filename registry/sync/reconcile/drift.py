"""What drift is, and who looks for it. Those above this package enrol their checks (features: Redis)."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Kind(StrEnum):
    """The ways in which another store can disagree with PostgreSQL."""

    MISSING = "missing"
    STALE = "stale"
    AHEAD = "ahead"
    DIFFERING = "differing"
    ALTERED = "altered"
    ORPHAN = "orphan"
    UNKEPT = "unkept"
    EXTRA = "extra"
    OTHER_SCORE = "other score"
    OTHER_BOARD = "other board"
    OTHER_SIZE = "other size"
    UNUSED = "unused"


MEANINGS = {
    Kind.MISSING: "PostgreSQL knows it, the store does not have it",
    Kind.STALE: "The store has an older version",
    Kind.AHEAD: "The store has a newer version than PostgreSQL ever gave",
    Kind.DIFFERING: "The same version, another checksum",
    Kind.ALTERED: "The same version and checksum, other bytes: changed by hand",
    Kind.ORPHAN: "The store has it, PostgreSQL knows nothing of it",
    Kind.UNKEPT: "PostgreSQL has the row but no copy of the body",
    Kind.EXTRA: "It stands on a board where it should not",
    Kind.OTHER_SCORE: "It stands with another score",
    Kind.OTHER_BOARD: "It stands on another board",
    Kind.OTHER_SIZE: "The file has another size than its row says",
    Kind.UNUSED: "A file that no row uses",
}


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be.

    Attributes:
        place: the collection, board set or folder; ``subject`` the document, run or digest in it.
        owner_id: the run or experiment that it belongs to; empty for none.
        fingerprint: what was seen, so that nothing newer is taken for it.
    """

    place: str
    kind: Kind
    subject: str
    owner_id: str
    detail: str
    fingerprint: str = ""


@dataclass(frozen=True)
class Step:
    """How far a look is, and what it found on the way."""

    done: int
    total: int
    found: Sequence[Finding] = ()


@dataclass(frozen=True)
class Terms:
    """How to mend.

    Attributes:
        orphans_older_than: an orphan goes once it was first seen unchanged this long ago.
        at_most: of a kind that is lost in mending, no more than this are mended at once: so many
            orphans rather tell of a PostgreSQL that was restored from an old backup.
    """

    orphans_older_than: dt.timedelta = dt.timedelta(minutes=5)
    at_most: int = 100


@dataclass
class Mending:
    """What a check did about its findings: left alone for now, and why."""

    left: list[tuple[Finding, str]] = field(default_factory=list)


class Check(Protocol):
    """Looks after one place. A finding is told only where a second look, that no write can fool, agrees."""

    place: str
    store: str

    def look(self, *, deep: bool) -> Iterator[Step]:
        """Look at everything.

        Raises:
            StoreUnavailableError: the store is away.
        """

    def mend(self, findings: Sequence[Finding], terms: Terms) -> Mending:
        """Promise or do what mends the findings, which were looked at twice.

        Raises:
            StoreUnavailableError: the store is away.
        """

    def still(self, findings: Sequence[Finding]) -> set[str]:
        """The subjects among these that are still not as they should be."""


CHECKS: list[Check] = []


def enrol(*checks: Check) -> None:
    """Add checks; they run in the order of enrolment."""
    CHECKS.extend(checks)
