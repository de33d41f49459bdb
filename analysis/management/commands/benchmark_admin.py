"""``manage.py benchmark_admin``: the admin and the runs table at volume."""

import dataclasses
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandParser

from analysis.benchmarks.admin_volume import fill, measure_admin
from analysis.benchmarks.environment import conditions
from analysis.benchmarks.own_database import database_of_its_own
from registry.management.tables import print_rows


class Command(BaseCommand):
    help = "Fill a database of its own with runs, metrics and points; measure each page; drop it again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--runs", type=int, default=20_000)
        parser.add_argument("--metrics", type=int, default=1_000_000)
        parser.add_argument("--points", type=int, default=2_000_000)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: object, **options: Any) -> None:
        sizes = {name: options[name] for name in ("runs", "metrics", "points")}
        with database_of_its_own():
            self.stderr.write(f"Filling a database of its own: {sizes}")
            fill(**sizes)
            self.stderr.write("Measuring")
            costs = list(measure_admin())
            found = {**sizes, **conditions()}
        if options["json"]:
            body = {"conditions": found, "pages": [dataclasses.asdict(cost) for cost in costs]}
            self.stdout.write(orjson.dumps(body, option=orjson.OPT_INDENT_2).decode())
            return
        print_rows(costs, out=self.stdout, as_json=False, title="The admin at volume", empty="")
        self.stdout.write(", ".join(f"{name} {value}" for name, value in found.items()))
