"""``manage.py benchmark_cache``: what the cache saves."""

import dataclasses
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandParser

from analysis.benchmarks.cache_reads import measure_page, measure_reads, run_with_curves
from analysis.benchmarks.environment import conditions
from analysis.benchmarks.own_stores import stores_of_their_own
from registry.management.filters import row_count
from registry.management.tables import print_rows
from registry.management.telling import tell


class Command(BaseCommand):
    help = "Read one answer in each way, and the page of a run with 8 curves of 10,000 points."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rounds", type=row_count, default=2_000, help="reads of each way, in turn")
        parser.add_argument("--pages", type=row_count, default=20, help="pages of each way, in turn")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: object, **options: Any) -> None:
        with stores_of_their_own():
            tell(self, "Making a run with long curves")
            run = run_with_curves()
            tell(self, "Reading in each way, in turn")
            reads = list(measure_reads(run, rounds=options["rounds"]))
            pages = list(measure_page(run, rounds=options["pages"]))
            found = conditions()
        if options["json"]:
            rows = {"reads": reads, "pages": pages}
            body = {name: [dataclasses.asdict(each) for each in costs] for name, costs in rows.items()}
            self.stdout.write(orjson.dumps({"conditions": found} | body, option=orjson.OPT_INDENT_2).decode())
            return
        print_rows(reads, out=self.stdout, as_json=False, title="One answer", empty="")
        print_rows(pages, out=self.stdout, as_json=False, title="The page of a run", empty="")
        self.stdout.write(", ".join(f"{name} {value}" for name, value in found.items()))
