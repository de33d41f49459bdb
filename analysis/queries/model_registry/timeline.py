"""The history of a model's deployments as people tell it: what replaced what, what failed or was undone."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.contrib.auth.models import User

from registry.enums import DeploymentStatus
from registry.models import DeploymentEvent, ModelVersion, RegisteredModel
from registry.queries.permissions import visible_by_owner

MOST_EVENTS = 200
Status = DeploymentStatus
REPLACED = re.compile(r"Replaced by version (\d+)")


class Event(NamedTuple):
    """A row of the history."""

    deployment: int
    version: int
    environment: str
    endpoint: str
    status: str
    note: str
    by: str | None
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened in an environment.

    Attributes:
        kind: ``first``, ``promoted``, ``rolled back``, ``endpoint``, ``retired``, ``failed``,
            ``requested``; on a version's own page also ``replaced``.
        replaced: The version before it (of ``replaced`` the one after it); None where none is known.
    """

    kind: str
    version: int
    environment: str
    replaced: int | None
    endpoint: str
    note: str
    by: str
    at: dt.datetime


def timeline(
    model: RegisteredModel, *, viewer: User, version: ModelVersion | None = None
) -> tuple[list[Moment], bool]:
    """The newest moments first, and whether there were earlier ones (one statement).

    Args:
        version: Only what happened to this one.
    """
    rows = DeploymentEvent.objects.filter(deployment__model=model)
    if version is None:
        visible = ModelVersion.objects.filter(visible_by_owner(viewer), model=model)
        rows = rows.filter(deployment__version__in=visible)
    else:
        rows = rows.filter(deployment__version=version)
    fields = (
        "deployment_id", "deployment__version__number", "deployment__environment", "deployment__endpoint",
        "status", "note", "by__username", "at",
    )  # fmt: skip
    found = [Event(*row) for row in rows.order_by("-at", "-id").values_list(*fields)[: MOST_EVENTS + 1]]
    return moments(found[:MOST_EVENTS][::-1]), len(found) > MOST_EVENTS


def moments(events: Sequence[Event]) -> list[Moment]:
    """What rows of the history, oldest first, amount to; newest first.

    A request that was answered, and the retirement of a version that another replaced in the same moment,
    are parts of what came of them.
    """
    told: list[Moment] = []
    live: dict[str, Event] = {}
    answered = {each.deployment for each in events if each.status in (Status.LIVE, Status.FAILED)}
    followed = _replaced(events)
    for place, each in enumerate(events):
        if each.status == Status.REQUESTED and each.deployment in answered:
            continue
        if each.status == Status.RETIRED and place in followed:
            live[each.environment] = each
            continue
        told.append(_moment(each, live.get(each.environment)))
        if each.status == Status.LIVE:
            live[each.environment] = each
        elif each.status == Status.RETIRED:
            live.pop(each.environment, None)
    return told[::-1]


def last_replaced(moments_newest_first: Iterable[Moment]) -> dict[str, int]:
    """Environment → the version that was live there before the one that is now."""
    found: dict[str, int] = {}
    for each in moments_newest_first:
        is_change = each.kind in ("promoted", "rolled back")
        if is_change and each.replaced is not None and each.environment not in found:
            found[each.environment] = each.replaced
    return found


def _replaced(events: Sequence[Event]) -> set[int]:
    """Places of retirements that a version going live in the same environment follows at once."""
    following: dict[str, Event] = {}
    found: set[int] = set()
    for place in reversed(range(len(events))):
        each = events[place]
        if _is_replaced(each, by=following.get(each.environment)):
            found.add(place)
        following[each.environment] = each
    return found


def _is_replaced(event: Event, *, by: Event | None) -> bool:
    if by is None or by.status != Status.LIVE or event.status != Status.RETIRED:
        return False
    return event.note == f"Replaced by version {by.version}"


def _moment(event: Event, live: Event | None) -> Moment:
    replaced = live.version if live and event.status in (Status.LIVE, Status.FAILED) else None
    kind = _kind(event, replaced)
    follower = REPLACED.fullmatch(event.note) if kind == "replaced" else None
    return Moment(
        kind=kind,
        version=event.version,
        environment=event.environment,
        replaced=int(follower[1]) if follower else replaced,
        endpoint=event.endpoint,
        note="" if kind == "replaced" else event.note,
        by=event.by or "",
        at=event.at,
    )


def _kind(event: Event, replaced: int | None) -> str:
    if event.status == Status.RETIRED and REPLACED.fullmatch(event.note):
        return "replaced"
    if event.status != Status.LIVE:
        return event.status
    if replaced is None:
        return "first"
    if replaced == event.version:
        return "endpoint"
    return "promoted" if event.version > replaced else "rolled back"
