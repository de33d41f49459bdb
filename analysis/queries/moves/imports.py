"""A page of imports, the newest first."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import F

from analysis.queries.cursors import Cursor, dumped, loaded
from registry.enums import ImportState
from registry.models import Import

PAGE_SIZE = 20
LIST = "imports"


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One import; ``refused`` is how many things of its source were not taken."""

    pk: int
    kind: str
    place: str
    who: str
    word: str
    runs: int
    points: int
    refused: int
    started_at: dt.datetime
    ended_at: dt.datetime | None

    @property
    def name(self) -> str:
        """The last part of its place."""
        return short_name(self.place)

    @property
    def length(self) -> dt.timedelta | None:
        """From its beginning to its end, with the pauses between; None before the end."""
        return self.ended_at - self.started_at if self.ended_at else None


@dataclass(frozen=True, slots=True)
class ImportPage:
    """A page of imports, and the cursor of the next one (empty where there is none)."""

    rows: list[ImportRow]
    next_cursor: str = ""


def import_page(*, cursor: str = "", size: int = PAGE_SIZE) -> ImportPage:
    """Imports from the cursor on (one statement)."""
    found = Import.objects.order_by("-pk").select_related("created_by").defer("result", "options")
    place = loaded(cursor, sort=LIST)
    if place is not None:
        found = found.filter(pk__lt=place.values[0])
    rows = list(found.annotate(refused=F("result__refused"))[: size + 1])
    is_more = len(rows) > size
    next_cursor = dumped(Cursor((rows[size - 1].pk,)), sort=LIST) if is_more else ""
    return ImportPage([_row(each, each.refused) for each in rows[:size]], next_cursor)


def open_imports() -> int:
    """How many came to no end, or are being taken back (one statement)."""
    return Import.objects.filter(state__in=[ImportState.RUNNING, ImportState.UNDOING]).count()


def short_name(place: str) -> str:
    """The last part of a path or address."""
    return place.rstrip("/").rpartition("/")[2] or place


def _row(row: Import, refused: dict[str, int] | None) -> ImportRow:
    return ImportRow(
        pk=row.pk,
        kind=row.kind,
        place=row.place,
        who=row.created_by.get_username() if row.created_by else "",
        word=str(row.get_state_display()).lower(),
        runs=row.runs,
        points=row.points,
        refused=sum((refused or {}).values()),
        started_at=row.started_at,
        ended_at=row.ended_at,
    )
