"""How a move stands: figures, samples of what differs, read switches, what blocks the next step."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from registry.enums import DualWriteState as State
from registry.exceptions import BadInputError, ConflictError
from registry.models import DualWrite, DualWriteQuery
from registry.store_health import Problem

from . import divergences
from .sides import Move
from .states import MUST_AGREE, answering, deciding, step_after

SAMPLES = 5
FOUND = {
    "open_count": Count("divergences", filter=Q(divergences__mended_at__isnull=True)),
    "mended_count": Count("divergences", filter=Q(divergences__mended_at__isnull=False)),
}


@dataclass(frozen=True)
class QueryStatus:
    """One query: the store that answers it, and what comparing its reads showed."""

    query: str
    answered_by: str
    compared: int
    differed: int


@dataclass(frozen=True)
class Sample:
    """One record that differs."""

    key: str
    kind: str
    old: Any
    new: Any
    reason: str
    found_at: dt.datetime


@dataclass(frozen=True)
class Status:
    """How one scope of a move stands."""

    name: str
    scope: str
    state: str
    since: dt.datetime | None
    decides: str
    copied: int
    is_copied: bool
    waiting: int
    divergences: int
    mended: int
    comparison: dict[str, Any]
    queries: list[QueryStatus]
    samples: list[Sample]
    blocked_by: list[str]


def states(move: Move) -> list[str]:
    """Of all scopes, in the order of :func:`statuses` (one statement)."""
    found = dict(DualWrite.objects.filter(name=move.name).order_by("scope").values_list("scope", "state"))
    return list(({"": State.OFF.value} | found).values())


def statuses(move: Move) -> list[Status]:
    """All scopes of a move, the one of everything else first.

    Two statements, what the sides count for each scope, and one more where a scope has open divergences.
    """
    found = DualWrite.objects.filter(name=move.name).prefetch_related("queries").annotate(**FOUND)
    rows = list(found.order_by("scope"))  # counting drops the model's own order
    if not rows or rows[0].scope:
        rows.insert(0, DualWrite(name=move.name))
    return [_status(move, row) for row in rows]


def dual_write_problems() -> Iterator[Problem]:
    """Moves whose stores are known to differ (one statement)."""
    is_open = Count("divergences", filter=Q(divergences__mended_at=None))
    for row in DualWrite.objects.annotate(open_ones=is_open).filter(open_ones__gt=0):
        cause = f"{row.open_ones} records of {row} are not alike in their two stores."
        cure = f"Look at them: manage.py dual_write status {row.name}; mend them: … repair {row.name}"
        yield Problem(cause, cure, is_fatal=False)


def switch(move: Move, *, scope: str, query: str, to_new: bool) -> DualWriteQuery:
    """Have one query answered by the new store, or again by the old one, while both are compared.

    Raises:
        BadInputError: there is no such query.
        ConflictError: the move is not in its state verify, in which alone this counts.
    """
    if query not in move.queries:
        raise BadInputError(f"{move.name} has the queries {', '.join(move.queries)}, not {query!r}.")
    row = DualWrite.objects.filter(name=move.name, scope=scope).first()
    if row is None or row.state != State.VERIFY:
        stands = row.state if row else State.OFF
        raise ConflictError(
            "Single queries are switched while both stores are compared, in the state verify;"
            f" this is {stands}."
        )
    return DualWriteQuery.objects.update_or_create(dual_write=row, query=query, defaults={"is_new": to_new})[
        0
    ]


def _status(move: Move, row: DualWrite) -> Status:
    state = State(row.state)
    count, mended = (getattr(row, name, 0) for name in FOUND)
    waiting = move.old.lag(row.scope) + move.new.lag(row.scope)
    open_ones = divergences.open_ones(row.pk)[:SAMPLES] if count else []
    return Status(
        name=row.name,
        scope=row.scope,
        state=state.value,
        since=row.changed_at if row.pk else None,
        decides=move.side(deciding(state)).title,
        copied=row.copied,
        is_copied=row.is_copied,
        waiting=waiting,
        divergences=count,
        mended=mended,
        comparison=row.comparison,
        queries=_queries(move, row),
        samples=[
            Sample(each.key, each.kind, each.old, each.new, each.reason, each.found_at) for each in open_ones
        ],
        blocked_by=_blocked_by(move, row, divergences=count, waiting=waiting),
    )


def _queries(move: Move, row: DualWrite) -> list[QueryStatus]:
    known = {each.query: each for each in row.queries.all()} if row.pk else {}
    found = []
    for query in move.queries:
        kept = known.get(query) or DualWriteQuery(query=query)
        store = answering(State(row.state), is_new=kept.is_new)
        found.append(QueryStatus(query, move.side(store).title, kept.compared, kept.differed))
    return found


def _blocked_by(move: Move, row: DualWrite, *, divergences: int, waiting: int) -> list[str]:
    """What is known to stand in the way of the next step, which looks at everything itself."""
    state = State(row.state)
    to = step_after(state)
    if to is None or (state, to) not in MUST_AGREE:
        return []
    reasons = []
    if divergences:
        reasons.append(f"{divergences} divergences are open: manage.py dual_write repair {row.name}")
    if waiting:
        reasons.append(f"{waiting} effects wait for {move.old.title}: manage.py relay_outbox --once")
    if not row.is_copied:
        reasons.append("the copy has not come to its end: the next step goes on with it")
    return reasons
