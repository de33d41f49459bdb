"""``manage.py benchmark_archive``: points and events into files and back."""

import dataclasses
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandParser

from analysis.benchmarks.archives import measure_archives
from analysis.benchmarks.environment import conditions
from analysis.benchmarks.own_stores import stores_of_their_own
from registry.management.tables import print_rows
from registry.management.telling import tell


class Command(BaseCommand):
    help = "Measure archiving, reading from archives, restoring and exporting, in stores of its own."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--points", type=int, default=1_000_000)
        parser.add_argument("--events", type=int, default=50_000)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: object, **options: Any) -> None:
        tell(self, f"Filling stores of its own: {options['points']:,} points")
        with stores_of_their_own():
            rates = []
            for rate in measure_archives(points=options["points"], events=options["events"]):
                tell(self, f"{rate.work}: {rate.seconds:.2f} s")
                rates.append(rate)
            found = conditions()
        if options["json"]:
            body = {"conditions": found, "rates": [dataclasses.asdict(each) for each in rates]}
            self.stdout.write(orjson.dumps(body, option=orjson.OPT_INDENT_2).decode())
            return
        print_rows(rates, out=self.stdout, as_json=False, title="Archives", empty="")
        self.stdout.write(", ".join(f"{name} {value}" for name, value in found.items()))
