"""The whole seeding, as steps that a command can show."""

from collections.abc import Collection, Generator, Iterator
from dataclasses import dataclass
from typing import Literal

from features.seeding.churn import Training, begin_churn, finish_churn
from features.seeding.customers import absent_customers, store_customers
from features.seeding.history import absent_snapshots, rows_of, store_snapshots
from features.seeding.publication import publish
from features.seeding.recorder import Trainings, absent_runs, store_runs, training
from features.seeding.sweep import declared_runs
from registry.tracking import Tracker

Part = Literal["runs", "customers", "features", "churn"]
PARTS: tuple[Part, ...] = ("runs", "customers", "features", "churn")


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of the ``total`` things of a part that were absent when the seeding began."""

    part: Part
    done: int
    total: int


def seed(
    parts: Collection[Part], *, tracker: Tracker, scale: int = 1, processes: int = 2
) -> Generator[Progress, None, None]:
    """Seeds what is absent of the parts: the sweep (``scale`` times), CDNOW, its features, the churn model.

    Raises:
        CdnowNotFoundError: the wheel with the customers is not installed.
        RegistryError: a run or a data set contradicts what is recorded, or Redis takes no features.
    """
    runs = absent_runs(scale) if "runs" in parts else []
    # Customers and features are stored while the first models train.
    with training(runs, processes=processes) as trainings:
        if "customers" in parts:
            yield from _seed_customers()
        if "features" in parts:
            yield from _seed_features()
        churn = begin_churn(trainings.pool) if "churn" in parts else None
        if "runs" in parts:
            yield from _seed_runs(trainings, tracker)
            publish(declared_runs(scale), user=tracker.user)
        if "churn" in parts:
            yield from _seed_churn(churn, tracker)


def _seed_runs(trainings: Trainings, tracker: Tracker) -> Iterator[Progress]:
    total = len(trainings.runs)
    yield Progress("runs", 0, total)
    for done, _ in enumerate(store_runs(trainings, tracker=tracker), start=1):
        yield Progress("runs", done, total)


def _seed_churn(churn: Training | None, tracker: Tracker) -> Iterator[Progress]:
    total = int(churn is not None)
    yield Progress("churn", 0, total)
    yield Progress("churn", finish_churn(churn, tracker=tracker), total)


def _seed_customers() -> Iterator[Progress]:
    histories = absent_customers()
    done = 0
    yield Progress("customers", done, len(histories))
    for stored in store_customers(histories):
        done += stored
        yield Progress("customers", done, len(histories))


def _seed_features() -> Iterator[Progress]:
    snapshots = absent_snapshots()
    total, done = rows_of(snapshots), 0
    yield Progress("features", done, total)
    for stored in store_snapshots(snapshots):
        done += stored
        yield Progress("features", done, total)
