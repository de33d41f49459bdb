"""The whole seeding, as steps that a command can show."""

from collections.abc import Collection, Generator, Iterator
from dataclasses import dataclass
from typing import Literal

from features.recommending.publishing import begin_recommendations, finish_recommendations
from features.seeding.churn import Training, begin_churn, finish_churn
from features.seeding.customers import absent_customers, store_customers
from features.seeding.history import absent_snapshots, rows_of, store_snapshots
from features.seeding.publication import publish
from features.seeding.recorder import Trainings, absent_runs, store_runs, training
from features.seeding.sweep import declared_runs
from features.seeding.value import Values, begin_values, store_values
from features.seeding.value_runs import ENDED
from features.services.customer_scores import has_scores, score_customers
from registry.tracking import Tracker

Part = Literal["runs", "customers", "features", "churn", "value", "scores", "films"]
PARTS: tuple[Part, ...] = ("runs", "customers", "features", "churn", "value", "scores", "films")


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of the ``total`` things of a part that were absent when the seeding began."""

    part: Part
    done: int
    total: int


def seed(
    parts: Collection[Part], *, tracker: Tracker, scale: int = 1, processes: int = 2
) -> Generator[Progress, None, None]:
    """Seeds what is absent of the parts.

    These are the sweep (``scale`` times), CDNOW, its features, the churn model, the models of customers'
    value, the customers' scores as of the day after CDNOW's last, and films to recommend.

    Raises:
        CdnowNotFoundError: the wheel with the customers is not installed.
        MovieLensNotFoundError: the wheel with the films is not installed.
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
        values = begin_values(trainings.pool) if "value" in parts else None
        films = begin_recommendations(trainings.pool) if "films" in parts else None
        if "runs" in parts:
            yield from _seed_runs(trainings, tracker)
            publish(declared_runs(scale), user=tracker.user)
        if "churn" in parts:
            yield from _seed_churn(churn, tracker)
        if values is not None:
            yield from _seed_values(values, tracker)
        if films is not None:
            yield Progress("films", films.stored, films.stored)
            finish_recommendations(films, tracker=tracker)
    if "scores" in parts:
        yield from _seed_scores()


def _seed_runs(trainings: Trainings, tracker: Tracker) -> Iterator[Progress]:
    total = len(trainings.runs)
    yield Progress("runs", 0, total)
    for done, _ in enumerate(store_runs(trainings, tracker=tracker), start=1):
        yield Progress("runs", done, total)


def _seed_churn(churn: Training | None, tracker: Tracker) -> Iterator[Progress]:
    total = int(churn is not None)
    yield Progress("churn", 0, total)
    yield Progress("churn", finish_churn(churn, tracker=tracker), total)


def _seed_values(values: Values, tracker: Tracker) -> Iterator[Progress]:
    total = len(values[0])
    yield Progress("value", 0, total)
    for done, _ in enumerate(store_values(values, tracker=tracker), start=1):
        yield Progress("value", done, total)


def _seed_scores() -> Iterator[Progress]:
    if has_scores(as_of=ENDED.date()):
        yield Progress("scores", 0, 0)
        return
    for step in score_customers(as_of=ENDED.date()):
        yield Progress("scores", step.written, step.customers)


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
