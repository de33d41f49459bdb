"""What lies in files instead of tables."""

import datetime as dt
from dataclasses import dataclass

from registry.enums import ArchiveState
from registry.models import Archive

SHOWN = 20


@dataclass(frozen=True, slots=True)
class ArchiveRow:
    """One archive; ``can_restore`` where its rows are nowhere but in its file."""

    archive_id: str
    kind: str
    word: str
    before: dt.datetime
    experiments: str
    runs: int
    rows: int
    size_bytes: int
    taken_at: dt.datetime | None
    restored_at: dt.datetime | None
    can_restore: bool

    @property
    def short_id(self) -> str:
        """Enough of the id for a command."""
        return self.archive_id[:8]


def archive_rows() -> list[ArchiveRow]:
    """The newest first (one statement)."""
    return [_row(each) for each in Archive.objects.order_by("-pk")[:SHOWN]]


def _row(archive: Archive) -> ArchiveRow:
    return ArchiveRow(
        archive_id=archive.archive_id,
        kind=str(archive.get_kind_display()),
        word=str(archive.get_state_display()).lower(),
        before=archive.before,
        experiments=", ".join(archive.experiments) or "all experiments",
        runs=archive.run_count,
        rows=archive.row_count,
        size_bytes=archive.byte_count,
        taken_at=archive.taken_at,
        restored_at=archive.restored_at,
        can_restore=archive.state == ArchiveState.TAKEN,
    )
