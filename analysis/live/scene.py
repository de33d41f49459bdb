"""What a page that follows the record shows at one moment, in parts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from typing import Protocol

from django.contrib.auth.models import User

DIGEST_BYTES = 6


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
    _events: dict[str, bytes] = field(default_factory=dict, init=False, repr=False)

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
        if seen not in self._events:
            self._events[seen] = self._event(seen)
        return self._events[seen]

    def _event(self, seen: str) -> bytes:
        known = seen.split(".")[:-1]
        if len(known) != len(self.digests):
            known = [""] * len(self.digests)
        parts = {
            name: html
            for (name, html), digest, before in zip(self.parts.items(), self.digests, known, strict=True)
            if digest != before
        }
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
    def every_seconds(self) -> float:
        """How often it is looked at without a bell; a run's stamp is looked at more often."""

    def scene(self) -> Scene:
        """The present state, from PostgreSQL.

        Raises:
            NotFoundError: it is there no more.
        """

    def is_open_to(self, viewer: User) -> bool:
        """Whether the viewer may see it (one statement)."""
