"""The whole benchmark of the online features: write, read in turns, over HTTP, report."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import redis
from django.conf import settings

from analysis.benchmarks.environment import conditions
from analysis.benchmarks.features import report as reports
from analysis.benchmarks.features.results import FEAST, HTTP, OURS, READ, WRITE, Row, timing
from analysis.benchmarks.features.workload import CASES, WIDTHS, feature_names, view_name
from features.models import Entity, Feature, FeatureView
from features.online.connection import store
from mlplatform_site.benchmark.our_server import OurServer
from mlplatform_site.demo.preparation import prepare
from mlplatform_site.stack import endpoints

from .contenders import Feast, Measure, feast_version, readers, writers
from .http import CLIENTS, SIZE, WIDTH, over_http
from .layouts import BOTH, Layouts
from .serving import serving

Say = Callable[[str], None]
WORK = 40_000  # values read by a contender in a round of a case
TURNS, LEAST = 10, 25  # of a contender in a round; calls in a turn, where there are so many


@dataclass(frozen=True)
class Options:
    """What to measure."""

    is_quick: bool
    rounds: int
    feast_python: Path
    out: Path | None


def run(options: Options, *, report: Say) -> reports.Report:
    """Run everything on the stack of this process's environment.

    Raises:
        WrongAnswerError: an answer is not what was written.
        ChildError: the web server did not start.
    """
    token = prepare(report, is_seeded=False).token
    _define_views()
    plain = redis.Redis.from_url(settings.REDIS_STORE_URL, socket_timeout=5)
    layouts = Layouts(plain)
    layouts.write()
    rows: list[Row] = []
    with Feast(options.feast_python, settings.REDIS_STORE_URL) as feast:
        rows += _writes(feast, options, report)
        memory = layouts.memory() | {FEAST: {BOTH: layouts.memory_of(b"bench")}}
        rows += _reads(feast, layouts, options, report)
    plain.close()
    report("Predictions")
    rows += serving(count=100 if options.is_quick else 500, rounds=options.rounds)
    report(f"Over HTTP, {SIZE} x {WIDTH}, {CLIENTS} clients")
    folder = endpoints.stack_dir()
    with OurServer(token=token, database=endpoints.recorded_urls()["DATABASE_URL"], folder=folder) as server:
        figures = over_http(server.address, count=100 if options.is_quick else 500, rounds=options.rounds)
    rows.append(Row(HTTP, f"{SIZE} x {WIDTH}, {CLIENTS} clients", OURS, figures))
    found = conditions() | {
        "redis": store().info("server")["redis_version"],
        "redis-py": version("redis"),
        "feast": feast_version(options.feast_python),
        "rounds": options.rounds,
    }
    whole = reports.Report(found, rows, memory)
    if options.out is not None:
        reports.write(whole, options.out)
    return whole


def _define_views() -> None:
    entity, _ = Entity.objects.get_or_create(name="customer", defaults={"join_keys": ["customer_id"]})
    for width in WIDTHS:
        view = FeatureView.objects.create(name=view_name(width), entity=entity)
        Feature.objects.bulk_create(
            Feature(view=view, name=name, value_type="float", position=place)
            for place, name in enumerate(feature_names(width))
        )


def _writes(feast: Feast, options: Options, report: Say) -> Iterator[Row]:
    for width in WIDTHS:
        report(f"Writing, {width} features")
        yield from _in_turn(WRITE, f"{width} features", writers(width, feast), 2, options.rounds)


def _reads(feast: Feast, layouts: Layouts, options: Options, report: Say) -> Iterator[Row]:
    for case in CASES:
        report(f"Reading, {case.title}")
        count = max(5, min(500, WORK // (case.size * case.width)) // (5 if options.is_quick else 1))
        measures = readers(case, layouts, feast, settings.REDIS_STORE_URL)
        yield from _in_turn(READ, case.title, measures, count, options.rounds)


def _in_turn(part: str, case: str, measures: Mapping[str, Measure], count: int, rounds: int) -> Iterator[Row]:
    """Each contender ``count`` calls a round, in turns so short that what else the machine does falls on all.

    The order is turned round every time; one call more before each turn does not count.
    """
    seconds: dict[str, list[list[float]]] = {name: [] for name in measures}
    turns = max(1, min(TURNS, count // LEAST))
    for number in range(rounds * turns):
        for name in list(measures)[:: 1 if number % 2 == 0 else -1]:
            measures[name](1)
            seconds[name].append(measures[name](max(1, count // turns)))
    for name, each in seconds.items():
        yield Row(part, case, name, timing(each))
