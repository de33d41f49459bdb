"""Which runs a backfill is about, and what it would do for them."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from registry.documents.heads import heads_of
from registry.enums import Lifecycle
from registry.exceptions import NotFoundError, StoreUnavailableError
from registry.models import Backfill, Experiment, TrainingRun
from registry.models.run import RunQuerySet

from .backfill import without_start
from .backfill_check import Progress

BATCH = 1_000


@dataclass(frozen=True)
class Choice:
    """Which runs; ``is_again``: also those that have a body."""

    since: dt.datetime | None = None
    experiment: str = ""
    is_again: bool = False

    @property
    def is_narrow(self) -> bool:
        """Whether some runs are left out."""
        return bool(self.since or self.experiment)

    def values(self) -> dict[str, Any]:
        """As a walk's row keeps it."""
        return {"since": self.since, "experiment": self.experiment, "is_again": self.is_again}

    def runs(self) -> RunQuerySet:
        """Chosen, in the order of their keys.

        Raises:
            NotFoundError: no such experiment.
        """
        runs = TrainingRun.objects.exclude(lifecycle=Lifecycle.PURGING).order_by("pk")
        if self.since:
            runs = runs.filter(started_at__gte=self.since)
        if self.experiment:
            experiment = Experiment.objects.filter(name=self.experiment).first()
            if experiment is None:
                raise NotFoundError(f"There is no experiment named {self.experiment!r}.")
            runs = runs.filter(experiment=experiment)
        return runs


@dataclass(frozen=True)
class Foreseen:
    """What a walk would do.

    Attributes:
        runs: chosen, of which ``without_body`` would get one.
        in_mongodb: of these, how many have a document there, which would be copied; None where MongoDB
            does not answer.
        again: bodies that would be sent anew.
        looked_at: by an earlier walk that was cut off, and would go on there.
    """

    runs: int
    without_body: int
    in_mongodb: int | None
    again: int
    looked_at: int


class RunKey(NamedTuple):
    """A run, and the last version that MongoDB is known to have had of it."""

    pk: int
    run_id: str
    body_version: int


def foresee(choice: Choice, *, batch: int = BATCH) -> Iterator[Progress | Foreseen]:
    """What a walk would do; writes nothing.

    Raises:
        NotFoundError: no such experiment.
    """
    total, missing, after = choice.runs().count(), 0, 0
    in_mongodb: int | None = 0
    seen = 0
    while page := page_of(choice, after, batch):
        wanted = without_start([run.run_id for run in page])
        try:
            in_mongodb = None if in_mongodb is None else in_mongodb + len(heads_of("runs", list(wanted)))
        except StoreUnavailableError:
            in_mongodb = None
        missing, seen, after = missing + len(wanted), seen + len(page), page[-1].pk
        yield Progress("Looking", seen, max(total, seen))
    begun = Backfill.objects.filter(**choice.values(), ended_at=None).first()
    done = 0 if begun is None else begun.looked_at
    yield Foreseen(seen, missing, in_mongodb, seen - missing if choice.is_again else 0, done)


def page_of(choice: Choice, after: int, batch: int) -> list[RunKey]:
    """The next runs after a key (one statement)."""
    rows: Any = choice.runs().filter(pk__gt=after).values_list("pk", "run_id", "body_version")
    return [RunKey(*row) for row in rows[:batch]]
