"""Keeping note of where two stores differ."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import DataError, IntegrityError, InternalError
from django.db.models import QuerySet
from django.utils import timezone

from registry.enums import DivergenceKind
from registry.exceptions import RegistryError
from registry.models import Divergence

from .sides import Key, Record

MOST_KEPT = 100
REFUSALS = (IntegrityError, DataError, InternalError, RegistryError)
"""A store's no to one record: a constraint, a type, a trigger, a rule of ours; not its absence."""


@dataclass(frozen=True)
class Difference:
    """One record that the stores do not have alike."""

    key: Key
    old: Record | None
    new: Record | None
    reason: str = ""

    @property
    def kind(self) -> DivergenceKind:
        """In what way."""
        if self.reason:
            return DivergenceKind.REFUSED
        if self.old is None:
            return DivergenceKind.ONLY_NEW
        return DivergenceKind.ONLY_OLD if self.new is None else DivergenceKind.DIFFERING


def differences(old: dict[Key, Record], new: dict[Key, Record]) -> list[Difference]:
    """What two sides differ in, in the order of keys."""
    keys = [key for key in old.keys() | new.keys() if old.get(key) != new.get(key)]
    return [Difference(key, old.get(key), new.get(key)) for key in sorted(keys)]


def note(dual_write_id: int, found: Sequence[Difference], *, most: int = MOST_KEPT) -> None:
    """Keep the first of these as open divergences; one that is open already stays as it is."""
    rows = [
        Divergence(
            dual_write_id=dual_write_id,
            key=str(each.key),
            kind=each.kind,
            old=_storable(each.old),
            new=_storable(each.new),
            reason=each.reason[:2_000],
        )
        for each in found[:most]
    ]
    Divergence.objects.bulk_create(rows, ignore_conflicts=True)


def open_owners(dual_write_id: int) -> dict[int, str]:
    """Those that are open now: primary key → the owner of the record."""
    found = open_ones(dual_write_id).order_by().values_list("pk", "key")
    return {pk: key.partition("/")[0] for pk, key in found}


def open_ones(dual_write_id: int) -> QuerySet[Divergence]:
    """Divergences that nobody has seen mended."""
    return Divergence.objects.filter(dual_write_id=dual_write_id, mended_at=None)


def close(ids: Collection[int], *, of: int, differing: Collection[str]) -> int:
    """Say of a move's, after a whole look that began later, that all are mended but those that differ."""
    rows = Divergence.objects.filter(pk__in=ids, dual_write_id=of).exclude(key__in=list(differing))
    return rows.update(mended_at=timezone.now())


def hand_over(ids: Collection[int], *, to: int) -> None:
    """Make open divergences those of another scope; what is open there already stays as it is."""
    known = open_ones(to).order_by().values("key")
    Divergence.objects.filter(pk__in=ids, mended_at=None).exclude(key__in=known).update(dual_write_id=to)


def _storable(record: Record | None) -> Any:
    """PostgreSQL's JSON has no NUL."""
    if record is None:
        return None
    return orjson.loads(orjson.dumps(record, default=str).replace(b"\\u0000", b"\\ufffd"))
