"""Driving many applications through the onboarding at a chosen speed, and watching them come in."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from features.models import Onboarding, OnboardingStep
from features.pacing import Pace
from features.queries.onboardings import stuck_onboardings

from .applications import LATEST, Application
from .submitting import submit_many

BATCH = 200
LOOK_SECONDS = 0.5


@dataclass(frozen=True)
class Driven:
    """How far a drive is: ``total`` are to be taken on, ``taken`` are, the rest says how those stand."""

    total: int
    taken: int = 0
    done: int = 0
    refused: int = 0
    stuck: int = 0
    is_still: bool = False
    """Nothing has moved for so long that nobody seems to work."""

    @property
    def on_their_way(self) -> int:
        """Those whose steps are still to be done."""
        return self.taken - self.done - self.refused - self.stuck


def absent(applications: Sequence[Application]) -> list[Application]:
    """Those of whom no onboarding is on its way or done."""
    others = Onboarding.objects.exclude(state=Onboarding.State.REFUSED).order_by()
    known = set(others.values_list("customer_id", flat=True)) | set(others.values_list("email", flat=True))
    return [each for each in applications if not {each.customer_id, each.email} & known]


def drive(
    *, applications: Sequence[Application], source: str, speed: float, patience_seconds: float
) -> Iterator[Driven]:
    """Take applications on as they joined, oldest first; yields how far it is, twice a second.

    Args:
        speed: how many times as fast as they joined; infinity for at once.
        patience_seconds: goes on watching until all have ended, or nothing moved for so long; 0 leaves
            at once what was taken on.
    """
    watch = _Watch(len(applications))
    yield watch.look()
    for taken in _submitted(applications, source, speed):
        watch.add(taken)
        if watch.is_due:
            yield watch.look()
    while True:
        found = watch.look()
        is_over = watch.still_seconds >= patience_seconds
        is_still = is_over and patience_seconds > 0 and found.on_their_way > 0
        yield replace(found, is_still=is_still)
        if is_over or not found.on_their_way:
            return
        time.sleep(LOOK_SECONDS)


def _submitted(
    applications: Sequence[Application], source: str, speed: float
) -> Iterator[Sequence[Onboarding]]:
    """What was taken on of those that are due, in batches; nothing while nobody is."""
    if not applications:
        return
    pace = Pace(speed=speed, begins_at=applications[0].joined_at or LATEST)
    start = 0
    while start < len(applications):
        batch = applications[start : start + BATCH]
        due = [each for each in batch if not each.joined_at or not pace.seconds_until(each.joined_at)]
        if not due:
            time.sleep(min(LOOK_SECONDS, pace.seconds_until(batch[0].joined_at or LATEST)))
        yield submit_many(applications=due, source=source) if due else []
        start += len(due)


class _Watch:
    """Counts how those stand that were taken on, asking only after those that had not ended."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._taken = 0
        self._open: set[int] = set()
        self._ended: Counter[str] = Counter()
        self._looked_at = 0.0
        self._moved_at = time.monotonic()
        self._newest_step: int | None = None

    @property
    def is_due(self) -> bool:
        return time.monotonic() - self._looked_at >= LOOK_SECONDS

    @property
    def still_seconds(self) -> float:
        return time.monotonic() - self._moved_at

    def add(self, taken: Sequence[Onboarding]) -> None:
        self._open |= {each.pk for each in taken}
        self._taken += len(taken)
        if taken:
            self._moved_at = time.monotonic()

    def look(self) -> Driven:
        self._looked_at = time.monotonic()
        # all that run, and not those that were taken on: a statement with thousands of ids costs more
        running = Onboarding.objects.filter(state=Onboarding.State.RUNNING).order_by()
        ended = self._open.difference(running.values_list("pk", flat=True))
        states = dict(Onboarding.objects.filter(pk__in=ended).order_by().values_list("pk", "state"))
        # each step that ends but the last promises another: rows grow while anybody works
        newest_step = OnboardingStep.objects.order_by("-pk").values_list("pk", flat=True).first()
        if states or newest_step != self._newest_step:
            self._moved_at, self._newest_step = time.monotonic(), newest_step
        self._open -= states.keys()
        self._ended.update(states.values())
        return Driven(
            total=self._total,
            taken=self._taken,
            done=self._ended[Onboarding.State.DONE],
            refused=self._ended[Onboarding.State.REFUSED],
            stuck=len(self._open & stuck_onboardings().keys()),
        )
