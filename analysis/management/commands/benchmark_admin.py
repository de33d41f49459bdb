"""``manage.py benchmark_admin``: every page of the admin at volume."""

import logging
import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from analysis.benchmarks.admin.filling import Volume, fill
from analysis.benchmarks.admin.measuring import PageCost, measure_pages
from analysis.benchmarks.admin.report import AdminReport, as_json, summary, write
from analysis.benchmarks.environment import conditions
from analysis.benchmarks.own_stores import stores_of_their_own
from registry.management.tables import print_rows


class Command(BaseCommand):
    help = "Fill stores of their own with runs, points and all that goes with them; measure every page."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--runs", type=int, default=100_000)
        parser.add_argument("--points", type=int, default=1_000_000)
        parser.add_argument("--rounds", type=int, default=5, help="how often each page is asked (5)")
        parser.add_argument("--out", type=Path, help="a folder for admin.json and admin.md")
        parser.add_argument("--json", action="store_true", help="everything, for programs")

    def handle(self, *args: object, **options: Any) -> None:
        logging.getLogger("mlplatform_site.slow_queries").setLevel(logging.ERROR)
        volume = Volume(runs=options["runs"], points=options["points"])
        with stores_of_their_own():
            began = time.monotonic()
            self._fill(volume)
            sizes = {"runs": volume.runs, "points": volume.points, "rounds": options["rounds"]}
            found = sizes | {"fill_seconds": round(time.monotonic() - began)} | conditions()
            costs = self._measured(options["rounds"])
        report = AdminReport(found, costs)
        if options["out"]:
            write(report, options["out"])
        if options["json"]:
            self.stdout.write(as_json(report).decode())
            return
        print_rows(costs, out=self.stdout, as_json=False, title="The admin at volume", empty="")
        self.stdout.write(summary(report))

    def _fill(self, volume: Volume) -> None:
        with self._bar() as bar:
            task = bar.add_task("Filling", total=None)
            for step in fill(volume):
                bar.update(task, completed=step.done, total=step.total, description=f"Filling {step.table}")

    def _measured(self, rounds: int) -> list[PageCost]:
        costs = []
        with self._bar() as bar:
            task = bar.add_task("Measuring", total=None)
            for cost in measure_pages(rounds=rounds):
                costs.append(cost)
                bar.update(task, advance=1, description=f"Measured {cost.model} {cost.page}"[:50])
        return costs

    def _bar(self) -> Progress:
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn(), TimeRemainingColumn())
        return Progress(*columns, console=Console(stderr=True, file=sys.stderr))
