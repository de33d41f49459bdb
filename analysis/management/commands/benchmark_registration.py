"""``manage.py benchmark_registration``: what the outbox costs, and how fast a relay catches up."""

import dataclasses
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandParser

from analysis.benchmarks.environment import conditions
from analysis.benchmarks.own_stores import stores_of_their_own
from analysis.benchmarks.registration import measure_drain, measure_registration
from registry.management.filters import row_count
from registry.management.tables import print_rows
from registry.management.telling import tell


class Command(BaseCommand):
    help = "Register runs with the outbox and without; let effects pile up and deliver them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rounds", type=row_count, default=500, help="runs of each way, in turn")
        parser.add_argument("--piled-up", type=row_count, default=2_000, help="runs that wait for MongoDB")
        parser.add_argument("--changes", type=int, default=4, help="changes of each of those")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: object, **options: Any) -> None:
        with stores_of_their_own():
            tell(self, "Registering in each way, in turn")
            costs = list(measure_registration(rounds=options["rounds"]))
            tell(self, "Letting effects pile up, then delivering them")
            drain = measure_drain(runs=options["piled_up"], changes=options["changes"])
            found = conditions()
        if options["json"]:
            ways = [dataclasses.asdict(cost) for cost in costs]
            body = {"conditions": found, "ways": ways, "drain": dataclasses.asdict(drain)}
            self.stdout.write(orjson.dumps(body, option=orjson.OPT_INDENT_2).decode())
            return
        print_rows(costs, out=self.stdout, as_json=False, title="Registering a run", empty="")
        print_rows([drain], out=self.stdout, as_json=False, title="Catching up", empty="")
        self.stdout.write(", ".join(f"{name} {value}" for name, value in found.items()))
