"""The whole seeding, as steps that a command can show."""

from collections.abc import Iterator
from dataclasses import dataclass

from features.seeding.customers import absent_customers, store_customers
from features.seeding.recorder import absent_runs, store_runs
from registry.tracking import Tracker


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` things (``what``) that were absent when the seeding began."""

    what: str
    done: int
    total: int


def seed_runs(*, scale: int, tracker: Tracker, processes: int) -> Iterator[Progress]:
    """Trains and records the absent runs of the sweep, repeated ``scale`` times."""
    runs = absent_runs(scale)
    yield Progress("runs", 0, len(runs))
    stored = store_runs(runs, tracker=tracker, processes=processes)
    for done, _ in enumerate(stored, start=1):
        yield Progress("runs", done, len(runs))


def seed_customers() -> Iterator[Progress]:
    """Stores the absent customers of CDNOW with their purchases."""
    histories = absent_customers()
    done = 0
    yield Progress("customers", done, len(histories))
    for stored in store_customers(histories):
        done += stored
        yield Progress("customers", done, len(histories))
