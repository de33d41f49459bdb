"""Parts of many runs' bodies at once, decoded, with their freshness: for pages that lay runs side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count

from registry.documents import plain
from registry.documents.store import find_run_bodies
from registry.enums import OutboxTarget
from registry.models import OutboxEntry

from .bodies import read_bodies, sizes_of
from .delivery import deliver


@dataclass(frozen=True)
class BodyPart:
    """Some fields of a run's body.

    Attributes:
        state: ``in sync``, ``lagging``, ``missing``, or ``down`` where MongoDB does not answer.
        version: Of the document in MongoDB, 0 for none.
        waiting: How many changes MongoDB is still owed.
        fields: Those that are there; PostgreSQL's own copy where MongoDB has none.
        too_large: The document's size in bytes where it was too large to be read; else 0.
    """

    state: str
    version: int
    waiting: int
    fields: dict[str, Any]
    too_large: int = 0


def body_parts(run_ids: Sequence[str], *, fields: Sequence[str], most_bytes: int) -> dict[str, BodyPart]:
    """These fields of these runs' bodies (one statement, one read of MongoDB).

    What is still owed is delivered first, which takes more; bodies that MongoDB has not come from
    PostgreSQL's copy, which takes three statements more.

    Args:
        most_bytes: A larger document, or copy of one, is left out, and its size told.

    Raises:
        StoreUnavailableError: MongoDB does not answer; ``kept_parts`` has the copies.
    """
    waiting = _repaired(run_ids)
    found = {each["_id"]: each for each in find_run_bodies(run_ids, fields=fields, most_bytes=most_bytes)}
    copies = _copies([each for each in run_ids if each not in found], fields, most_bytes)
    return {
        run_id: _part(found[run_id], fields, waiting.get(run_id, 0), most_bytes)
        if run_id in found
        else replace(copies[run_id], state="missing", waiting=waiting.get(run_id, 0))
        for run_id in run_ids
    }


def kept_parts(run_ids: Sequence[str], *, fields: Sequence[str], most_bytes: int) -> dict[str, BodyPart]:
    """The same from PostgreSQL's own copies, for when MongoDB is away (three statements and more)."""
    return _copies(run_ids, fields, most_bytes)


def _part(found: Mapping[str, Any], fields: Sequence[str], waiting: int, most_bytes: int) -> BodyPart:
    size = int(found["bytes"])
    return BodyPart(
        state="lagging" if waiting else "in sync",
        version=int(found["v"]),
        waiting=waiting,
        fields=plain.decode({name: found[name] for name in fields if name in found}),
        too_large=size if size > most_bytes else 0,
    )


def _copies(run_ids: Sequence[str], fields: Sequence[str], most_bytes: int) -> dict[str, BodyPart]:
    """Those that are not too large; only these are read."""
    sizes = {run_id: size for (_, run_id), size in sizes_of(("runs", each) for each in run_ids).items()}
    small = [("runs", run_id) for run_id, size in sizes.items() if size <= most_bytes]
    contents = {
        body.document_id: plain.decode({name: body.content[name] for name in fields if name in body.content})
        for bodies in read_bodies(small)
        for body in bodies
    }
    return {
        run_id: BodyPart(
            "down",
            0,
            0,
            contents.get(run_id, {}),
            too_large=0 if run_id in contents else sizes.get(run_id, 0),
        )
        for run_id in run_ids
    }


def _repaired(run_ids: Sequence[str]) -> dict[str, int]:
    """Deliver what is owed; returns how many effects on MongoDB wait nevertheless, by run."""
    waiting = _waiting(run_ids)
    if waiting:
        deliver(list(waiting))
        waiting = _waiting(list(waiting))
    return waiting


def _waiting(run_ids: Sequence[str]) -> dict[str, int]:
    owed = OutboxEntry.objects.filter(aggregate_id__in=run_ids, target=OutboxTarget.MONGODB).order_by()
    return dict(owed.values_list("aggregate_id").annotate(n=Count("pk")))
