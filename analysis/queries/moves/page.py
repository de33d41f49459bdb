"""The page of everything that moves, shaped by what its viewer may see."""

from dataclasses import dataclass

from django.contrib.auth.models import User

from .archives import ArchiveRow, archive_rows
from .backfills import BackfillRow, backfill_rows
from .capture import ConsumerCard, capture_line, consumer_cards
from .dual_writes import MoveCard, move_cards, move_states
from .imports import ImportPage, import_page, open_imports
from .permissions import MoveRights, move_rights


@dataclass(frozen=True, slots=True)
class MovesPage:
    """All parts; one that is None is not this viewer's to see."""

    rights: MoveRights
    consumers: list[ConsumerCard]
    moves: list[MoveCard] | None
    backfills: list[BackfillRow] | None
    imports: ImportPage | None
    archives: list[ArchiveRow] | None


@dataclass(frozen=True, slots=True)
class MovesLine:
    """The moves in one line: consumers, moves by state, imports without an end."""

    consumers: list[tuple[str, str, int | None]]
    moves: list[tuple[str, str]]
    open_imports: int


def moves_page(viewer: User, *, cursor: str = "") -> MovesPage:
    """At most ten statements for somebody who sees everything.

    Args:
        cursor: where the page of imports begins.
    """
    rights = move_rights(viewer)
    return MovesPage(
        rights=rights,
        consumers=consumer_cards(),
        moves=move_cards() if rights.dual_writes else None,
        backfills=backfill_rows() if rights.backfills else None,
        imports=import_page(cursor=cursor) if rights.imports else None,
        archives=archive_rows() if rights.archives else None,
    )


def moves_line(viewer: User) -> MovesLine:
    """For the overview of the stores; what the viewer may not see is left out (five statements at most)."""
    rights = move_rights(viewer)
    return MovesLine(
        consumers=capture_line(),
        moves=move_states() if rights.dual_writes else [],
        open_imports=open_imports() if rights.imports else 0,
    )
