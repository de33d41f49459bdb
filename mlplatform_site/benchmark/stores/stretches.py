"""One stretch of one way in one client: warm up, wait for the others, work against the clock, check."""

import gc
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import BrokenBarrierError
from typing import Any

from analysis.benchmarks.stores.works import WORKS
from analysis.benchmarks.tracking.jobs import WrongAnswerError

from .asking import Asking
from .way import Operation, Way

WARM_UP_SHARE, FEWEST, MOST = 0.15, 2, 20_000
ROOM = 2  # the warm-up may have been slower than what follows
WAIT_SECONDS = 60.0
KEPT = 3


@dataclass(frozen=True)
class Order:
    """A stretch to work: which of the ways, by how many clients, how long."""

    way: int
    clients: int
    seconds: float
    seed: str


@dataclass(frozen=True)
class Stretch:
    """What came of it; ``done`` counts the operations of the warm-up as well."""

    per_second: float
    microseconds: list[int]
    done: int
    failures: list[str] = field(default_factory=list)


@dataclass
class _Timed:
    """Operations one after the other: seconds of each, answers, what failed."""

    seconds: list[float] = field(default_factory=list)
    answers: list[tuple[Any, Any]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def stretch(
    way: Way, operation: Operation, order: Order, *, asking: Asking, barrier: Any, place: int
) -> Stretch:
    """Work as long as was ordered; every answer is checked after the clock has stopped.

    Python's garbage collector rests meanwhile, as in ``timeit``.

    Raises:
        WrongAnswerError: an answer is wrong, or another client gave up.
    """
    chance = random.Random(f"{order.seed}:{place}")  # noqa: S311 (keys to ask for)
    items = WORKS[way.work].levels[way.level]

    def draw(count: int) -> list[Any]:
        return [asking.draw(way.work, items, chance) for _ in range(count)]

    warm = _warmed_up(operation, draw, order.seconds * WARM_UP_SHARE)
    mean = sum(warm.seconds) / max(1, len(warm.seconds))
    questions = draw(max(FEWEST, min(MOST, int(ROOM * order.seconds / mean) if mean else FEWEST)))
    gc.collect()
    gc.disable()
    try:
        barrier.wait(WAIT_SECONDS)
        began = time.perf_counter()
        timed = _work(operation, questions, until=began + order.seconds)
        wall = time.perf_counter() - began
    except BrokenBarrierError as error:
        raise WrongAnswerError("Another client gave up.") from error
    finally:
        gc.enable()
    for asked, answer in (*warm.answers, *timed.answers):
        asking.check(way.work, asked, answer)
    return Stretch(
        per_second=len(timed.seconds) / wall,
        microseconds=[round(each * 1e6) for each in timed.seconds],
        done=len(warm.answers) + len(timed.answers),
        failures=timed.failures,
    )


def _warmed_up(operation: Operation, draw: Any, seconds: float) -> _Timed:
    """Operations in growing numbers until the time is over; the last of them tell how long one takes."""
    found, until, count = _Timed(), time.perf_counter() + seconds, FEWEST
    while True:
        part = _work(operation, draw(count), until=until)
        found.seconds = part.seconds or found.seconds
        found.answers += part.answers
        if time.perf_counter() >= until:
            return found
        count = min(count * 2, MOST)


def _work(operation: Operation, questions: Sequence[Any], *, until: float) -> _Timed:
    """Ask all of these, at least the fewest, else until the time is over."""
    found = _Timed()
    clock = time.perf_counter
    for number, asked in enumerate(questions):
        began = clock()
        try:
            answer = operation(asked)
        except Exception as error:  # noqa: BLE001 (every driver has its own; it is told in the report)
            ended = clock()
            found.failures.append(f"{type(error).__name__}: {error}"[:200])
        else:
            ended = clock()
            found.seconds.append(ended - began)
            found.answers.append((asked, answer))
        if ended >= until and number + 1 >= FEWEST:
            break
    return found
