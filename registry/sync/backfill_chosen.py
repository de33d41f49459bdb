"""Comparing the documents of some runs alone, one by one and byte by byte."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from registry.models import BodyPart
from registry.models.run import RunQuerySet

from .bodies import sizes_of
from .reconcile import deep
from .reconcile.drift import Finding
from .reconcile.second_look import confirmed

AT_ONCE = 1_000
MOST_BYTES = 4 * 1024 * 1024


class Looked(NamedTuple):
    """What a page of runs showed: how many runs and documents it had, and what came apart."""

    runs: int
    documents: int
    found: list[Finding]


def look_at(name: str, chosen: RunQuerySet) -> Iterator[Looked]:
    """Compare the documents of these runs in a collection, a thousand runs at a time.

    Raises:
        StoreUnavailableError: MongoDB does not answer.
    """
    after = 0
    while page := _page(chosen, after):
        after = page[-1][0]
        ids = _documents_of(name, [run_id for _, run_id in page])
        found = list(confirmed(name, ids))
        for some in _light(name, ids):
            found += deep.altered_of(name, some)
        yield Looked(len(page), len(ids), found)


def _page(chosen: RunQuerySet, after: int) -> list[tuple[int, str]]:
    rows: Any = chosen.filter(pk__gt=after).order_by("pk").values_list("pk", "run_id")
    return list(rows[:AT_ONCE])


def _documents_of(name: str, run_ids: Sequence[str]) -> list[str]:
    """Bodies have their runs' ids; logs are known by their parts."""
    if name == "runs":
        return list(run_ids)
    kept = BodyPart.objects.filter(collection=name, owner_id__in=run_ids).order_by("document_id")
    return list(kept.values_list("document_id", flat=True).distinct())


def _light(name: str, document_ids: Sequence[str]) -> Iterator[list[str]]:
    """Those that have parts, in lists of about 4 MB or one document."""
    some: list[str] = []
    weight = 0
    for (_, document_id), size in sizes_of((name, each) for each in document_ids).items():
        if some and weight + size > MOST_BYTES:
            yield some
            some, weight = [], 0
        some.append(document_id)
        weight += size
    if some:
        yield some
