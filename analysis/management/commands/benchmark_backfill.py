"""``manage.py benchmark_backfill``: bringing bodies to MongoDB, at volume."""

import dataclasses
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandParser

from analysis.benchmarks.backfill_volume import fill, measure_backfill
from analysis.benchmarks.environment import conditions
from analysis.benchmarks.own_stores import stores_of_their_own
from registry.management.tables import print_rows
from registry.management.telling import tell


class Command(BaseCommand):
    help = "Write runs by plain SQL in stores of its own, bring their bodies to MongoDB; drop them again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--runs", type=int, default=20_000)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: object, **options: Any) -> None:
        runs = options["runs"]
        with stores_of_their_own():
            tell(self, f"Filling stores of its own: {runs:,} runs without bodies")
            fill(runs=runs)
            times = []
            for each in measure_backfill():
                tell(self, f"{each.work}: {each.seconds:.2f} s, {each.runs_per_second:,.0f} runs/s")
                times.append(each)
            found = {"runs": runs, **conditions()}
        if options["json"]:
            body = {"conditions": found, "times": [dataclasses.asdict(each) for each in times]}
            self.stdout.write(orjson.dumps(body, option=orjson.OPT_INDENT_2).decode())
            return
        print_rows(times, out=self.stdout, as_json=False, title="The backfill at volume", empty="")
        self.stdout.write(", ".join(f"{name} {value}" for name, value in found.items()))
