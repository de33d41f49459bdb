"""``manage.py benchmark_reconcile``: looking for drift, and mending it, at volume."""

import dataclasses
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandParser

from analysis.benchmarks.environment import conditions
from analysis.benchmarks.own_stores import stores_of_their_own
from analysis.benchmarks.reconcile_volume import fill, measure_reconcile
from registry.management.tables import print_rows
from registry.management.telling import tell


class Command(BaseCommand):
    help = "Fill stores of its own with runs, bodies and leaderboards; measure reconcile; drop them again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--runs", type=int, default=100_000)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: object, **options: Any) -> None:
        runs = options["runs"]
        with stores_of_their_own():
            tell(self, f"Filling stores of its own: {runs:,} runs with bodies, logs and places")
            fill(runs=runs)
            tell(self, "Measuring")
            looks = []
            for look in measure_reconcile():
                tell(self, f"{look.look}: {look.seconds:.2f} s, {look.found} found, {look.mended} mended")
                looks.append(look)
            found = {"runs": runs, **conditions()}
        if options["json"]:
            body = {"conditions": found, "looks": [dataclasses.asdict(look) for look in looks]}
            self.stdout.write(orjson.dumps(body, option=orjson.OPT_INDENT_2).decode())
            return
        print_rows(looks, out=self.stdout, as_json=False, title="Reconcile at volume", empty="")
        self.stdout.write(", ".join(f"{name} {value}" for name, value in found.items()))
