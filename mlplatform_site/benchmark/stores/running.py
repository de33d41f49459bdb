"""The whole benchmark: fill, compare the answers, work in rounds of random order, report."""

import datetime as dt
import logging
import random
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace

from analysis.benchmarks.environment import conditions
from analysis.benchmarks.own_stores import stores_of_their_own
from analysis.benchmarks.stores import data
from analysis.benchmarks.stores.notes import notes
from analysis.benchmarks.stores.recorded import StoreBenchmark
from analysis.benchmarks.stores.results import Round, Series, figure, key_reads, winners
from analysis.benchmarks.stores.works import CACHED_PAGE, CLIENTS, LEVELS, WORKS, WRITES
from analysis.benchmarks.tracking.jobs import WrongAnswerError, expect

from . import cache_ways, mongo_ways, odm_ways, orm_ways, postgres_ways, redis_ways
from .asking import Asking
from .clients import Clients
from .filling import count_written, fill, take_away_written
from .redis_fsync import synced_before_the_answer, why_not_synced
from .stretches import Order, Stretch
from .surroundings import store_conditions
from .way import Way

Report = Callable[[str, int, int], None]  # what goes on, steps done, steps in all


@dataclass(frozen=True)
class Options:
    """What to measure.

    Attributes:
        works: by their names.
        seconds: of a stretch: one way, one number of clients, one round.
        records: in each store.
        seed: of the order and of what is asked for.
        is_private: whether the stores are nobody else's, so that Redis may be switched to sync each write.
    """

    works: Sequence[str]
    rounds: int
    seconds: float
    records: int
    seed: int
    clients: Sequence[int] = CLIENTS
    is_private: bool = True


def all_ways() -> list[Way]:
    """Every way of every store, by work and level."""
    modules = (postgres_ways, orm_ways, mongo_ways, odm_ways, redis_ways, cache_ways)
    ways = [way for module in modules for way in module.ways()]
    works = list(WORKS)
    return sorted(ways, key=lambda way: (works.index(way.work), LEVELS.index(way.level)))


def run(options: Options, *, report: Report) -> tuple[StoreBenchmark, list[Series]]:
    """Measure in stores of its own beside those of the settings; they are gone afterwards.

    Raises:
        WrongAnswerError: a store does not answer what is known, or has not kept what it was given.
    """
    # Statements that fill are slow by nature; the log of slow ones is about others.
    logging.getLogger("mlplatform_site.slow_queries").setLevel(logging.ERROR)
    ways = [way for way in all_ways() if way.work in options.works]
    asking = Asking(options.records)
    asking.learn(options.works)
    began = conditions()
    with (
        stores_of_their_own(is_migrated=False),
        Clients(ways, asking, most=max(options.clients)) as clients,
    ):
        for name in fill(options.records, pages=data.PAGES if CACHED_PAGE in options.works else 0):
            report(f"Filling {name}", 0, 0)
        found = _measured(_offered(ways, options), clients, options, report)
        told = store_conditions()
    figures = tuple(figure(each) for each in found)
    ended = conditions()["load_average"]
    benchmark = StoreBenchmark(
        recorded_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        environment=began | told | {"load_average_at_end": ended},
        settings={
            "rounds": options.rounds,
            "seconds": options.seconds,
            "records": options.records,
            "seed": options.seed,
            "works": list(options.works),
        },
        results=figures,
        winners=winners(figures),
        key_reads=tuple(key_reads(figures)),
        notes=notes(figures),
    )
    return benchmark, found


def _offered(ways: Sequence[Way], options: Options) -> list[Way]:
    """The same, without those for which Redis can't be switched."""
    reason = why_not_synced(is_private=options.is_private)
    return [replace(way, not_offered=way.not_offered or reason) if way.is_synced else way for way in ways]


def _measured(ways: Sequence[Way], clients: Clients, options: Options, report: Report) -> list[Series]:
    places = [(place, number) for place in range(len(ways)) for number in options.clients]
    series = {each: _series(ways[each[0]], each[1]) for each in places}
    places = [each for each in places if not ways[each[0]].not_offered]
    for place in dict.fromkeys(place for place, _ in places):
        report("Comparing answers", 0, 0)
        _stretched(ways[place], clients, Order(place, 1, 0.01, "compared"))
    steps = options.rounds * len(places)
    for number in range(options.rounds):
        random.Random(f"{options.seed}:{number}").shuffle(places)  # noqa: S311 (an order)
        for done, (place, count) in enumerate(places, start=number * len(places)):
            way = ways[place]
            report(f"{way.work}, {way.name}, {count}", done, steps)
            order = Order(place, count, options.seconds, f"{options.seed}:{number}:{place}:{count}")
            series[place, count].rounds.append(_together(_stretched(way, clients, order)))
    return list(series.values())


def _series(way: Way, clients: int) -> Series:
    return Series(
        way.work, way.level, way.store, way.name, clients, way.durability, way.is_counted, way.not_offered
    )


def _stretched(way: Way, clients: Clients, order: Order) -> list[Stretch]:
    """One stretch; what it wrote is counted, and taken away."""
    with synced_before_the_answer() if way.is_synced else nullcontext():
        found = clients.run(order)
    if way.work in WRITES:
        items = Series(way.work, way.level, way.store, way.name, 1).items
        least = sum(each.done for each in found) * items
        kept = count_written(way.store)
        take_away_written(way.store)
        if not any(each.failures for each in found):
            expect(kept, least, f"records kept by {way.store}, {way.name}")
        elif kept < least:  # an operation that failed may have written
            raise WrongAnswerError(f"{way.store} kept {kept} records of {least}.")
    return found


def _together(found: Iterable[Stretch]) -> Round:
    parts = list(found)
    return Round(
        per_second=sum(each.per_second for each in parts),
        microseconds=[time for each in parts for time in each.microseconds],
        failures=[failure for each in parts for failure in each.failures],
    )
