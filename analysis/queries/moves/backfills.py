"""The newest walks that brought bodies to MongoDB."""

import datetime as dt
from dataclasses import dataclass

from registry.models import Backfill

SHOWN = 10
MOST_REFUSALS = 5


@dataclass(frozen=True, slots=True)
class BackfillRow:
    """One walk; ``rate`` in runs a second of working time, None before there is one."""

    word: str
    started_at: dt.datetime
    ended_at: dt.datetime | None
    chosen: str
    total: int
    looked_at: int
    made: int
    sent_again: int
    waiting: int
    refused: int
    refusals: list[tuple[str, str]]
    rate: float | None
    last_run: int


def backfill_rows() -> list[BackfillRow]:
    """The newest first (one statement)."""
    return [_row(each) for each in Backfill.objects.order_by("-pk")[:SHOWN]]


def _row(walk: Backfill) -> BackfillRow:
    limits = [
        f"since {walk.since:%Y-%m-%d}" if walk.since else "",
        f"of {walk.experiment}" if walk.experiment else "",
        "every body anew" if walk.is_again else "",
    ]
    return BackfillRow(
        word=_word(walk),
        started_at=walk.started_at,
        ended_at=walk.ended_at,
        chosen=", ".join(filter(None, limits)) or "all runs",
        total=walk.total,
        looked_at=walk.looked_at,
        made=walk.made,
        sent_again=walk.sent_again,
        waiting=walk.waiting,
        refused=walk.refused,
        refusals=list(walk.refusals.items())[:MOST_REFUSALS],
        rate=walk.looked_at / walk.working_seconds if walk.working_seconds else None,
        last_run=walk.last_run,
    )


def _word(walk: Backfill) -> str:
    if walk.ended_at is None:
        return "not ended"
    return "verified" if walk.is_verified else "not verified"
