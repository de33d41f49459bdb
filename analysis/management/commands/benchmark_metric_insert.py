"""``manage.py benchmark_metric_insert``: log_metrics against plain COPY."""

import dataclasses
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandParser

from analysis.benchmarks.environment import conditions
from analysis.benchmarks.metric_insert import TARGET_SHARE, is_reached, measure_insert
from analysis.benchmarks.own_database import database_of_its_own
from registry.management.filters import row_count
from registry.management.tables import print_rows
from registry.management.telling import tell


class Command(BaseCommand):
    help = "Measure log_metrics in batches of 1,000 points against plain COPY into the same table."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batches", type=row_count, default=30, help="batches a run")
        parser.add_argument("--rounds", type=row_count, default=5, help="runs of each way, in turn")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: object, **options: Any) -> None:
        tell(self, "Measuring: batches of 1,000 points, COPY and log_metrics in turn")
        with database_of_its_own():
            rates = list(measure_insert(batches=options["batches"], rounds=options["rounds"]))
            found = conditions()
        if options["json"]:
            body = {
                "conditions": found,
                "rates": [dataclasses.asdict(rate) for rate in rates],
                "target_share": TARGET_SHARE,
                "is_reached": is_reached(rates),
            }
            self.stdout.write(orjson.dumps(body, option=orjson.OPT_INDENT_2).decode())
            return
        print_rows(rates, out=self.stdout, as_json=False, title="Insert rate of metrics", empty="")
        verdict = "reached" if is_reached(rates) else "not reached"
        self.stdout.write(f"Target, {TARGET_SHARE:.0%} of plain COPY in equal batches: {verdict}.")
        self.stdout.write(", ".join(f"{name} {value}" for name, value in found.items()))
