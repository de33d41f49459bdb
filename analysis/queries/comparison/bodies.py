"""The runs' bodies: one read of MongoDB for all of them, PostgreSQL's copies where it is away."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from registry.documents.store import at_most
from registry.exceptions import StoreUnavailableError
from registry.sync.many_run_bodies import BodyPart, body_parts, kept_parts

from .runs import ComparedRun

FIELDS = ("params", "custom", "models", "environment")
SECONDS = 2.0
MOST_BYTES = 8 * 1024 * 1024
"""Of all bodies together."""


@dataclass(frozen=True, slots=True)
class Bodies:
    """The bodies by run id, and why MongoDB could not tell, else empty."""

    parts: dict[str, BodyPart] = field(default_factory=dict)
    problem: str = ""

    @property
    def too_large(self) -> list[str]:
        """The runs whose bodies were too large to lay side by side."""
        return [run_id for run_id, part in self.parts.items() if part.too_large]


def bodies_of(runs: Sequence[ComparedRun]) -> Bodies:
    """The bodies of these runs, at least one (one statement and one read of MongoDB of at most 2 s)."""
    run_ids = [run.run_id for run in runs]
    most_bytes = MOST_BYTES // len(run_ids)
    try:
        with at_most(SECONDS):
            return Bodies(body_parts(run_ids, fields=FIELDS, most_bytes=most_bytes))
    except StoreUnavailableError as error:
        return Bodies(kept_parts(run_ids, fields=FIELDS, most_bytes=most_bytes), problem=str(error))
