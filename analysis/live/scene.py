"""What a page that follows the record shows at one moment, in parts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import Protocol

from django.contrib.auth.models import User

DIGEST_BYTES = 6
LEAST_SECONDS = 0.5  # between two renderings of one feed
MOST_EVENTS = 8
"""Kept of one scene: each may be a whole page, and what a browser has seen is what it says it has."""


@dataclass(frozen=True)
class Scene:
    """The parts of a page.

    Attributes:
        parts: HTML by the name of its place on the page (``data-live``), in a fixed order.
        is_over: nothing will change any more.
        status: in a word, for those who hear the page.
    """

    parts: Mapping[str, str]
    is_over: bool = False
    status: str = ""
    _events: dict[tuple[str, ...], bytes] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def digests(self) -> list[str]:
        """One for each part."""
        return [blake2b(part.encode(), digest_size=DIGEST_BYTES).hexdigest() for part in self.parts.values()]

    @cached_property
    def mark(self) -> str:
        """Stands for all that is shown; equal where nothing differs."""
        return ".".join([*self.digests, "over" if self.is_over else "on"])

    def event(self, seen: str) -> bytes:
        """What one who has seen the scene with this mark needs to see this one; empty for nothing.

        Any other text counts as having seen nothing.
        """
        if seen == self.mark:
            return b""
        names = self._unseen(seen)
        if names not in self._events:
            if len(self._events) >= MOST_EVENTS:
                self._events.clear()
            self._events[names] = self._event(names)
        return self._events[names]

    def _unseen(self, seen: str) -> tuple[str, ...]:
        known = seen.split(".")[:-1]
        if len(known) != len(self.digests):
            known = [""] * len(self.digests)
        both = zip(self.parts, self.digests, known, strict=True)
        return tuple(name for name, digest, before in both if digest != before)

    def _event(self, names: tuple[str, ...]) -> bytes:
        parts = {name: self.parts[name] for name in names}
        data = json.dumps({"parts": parts, "over": self.is_over, "status": self.status})
        return f"event: scene\nid: {self.mark}\ndata: {data}\n\n".encode()


class Feed(Protocol):
    """What can be followed; equal feeds show the same."""

    @property
    def bell(self) -> str:
        """Rings when it may have changed."""

    @property
    def run_id(self) -> str:
        """The run whose stamp says whether it changed; empty where only rendering tells."""

    @property
    def pause_seconds(self) -> float:
        """At least so long between two renderings."""

    @property
    def every_seconds(self) -> float:
        """How often it is looked at without a bell; a run's stamp is looked at more often."""

    def scene(self) -> Scene:
        """The present state, from PostgreSQL.

        Raises:
            NotFoundError: it is there no more.
        """

    def is_open_to(self, viewer: User) -> bool:
        """Whether the viewer may see it (one statement)."""
