"""What a search finds."""

from collections.abc import Iterable
from dataclasses import dataclass

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found.

    Attributes:
        kind: ``run``, ``experiment``, ``dataset``, ``model``, ``alias``, ``view``, ``deployment`` or
            ``customer``.
        key: What its page's address is made of; of an alias and a deployment the model's name.
        title: Its name.
        detail: What else helps to tell it from others.
        code: An id or a digest, where it can have matched.
    """

    kind: str
    key: str
    title: str
    detail: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of one kind, 20 at most."""

    kind: str
    hits: list[Hit]
    has_more: bool


def grouped(kinds: Iterable[str], hits: Iterable[Hit]) -> list[Group]:
    """A group for each kind that has hits, in the order of the kinds, nothing twice."""
    by_kind: dict[str, dict[tuple[str, str], Hit]] = {kind: {} for kind in kinds}
    for hit in hits:
        by_kind[hit.kind].setdefault((hit.key, hit.title), hit)
    return [
        Group(kind, list(found.values())[:SHOWN], len(found) > SHOWN)
        for kind, found in by_kind.items()
        if found
    ]
