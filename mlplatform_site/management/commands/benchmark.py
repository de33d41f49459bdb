"""``manage.py benchmark`` (``make bench-stores``): PostgreSQL, MongoDB and Redis at the same work."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import Progress as Bar

from analysis.benchmarks.stores import WORKS, StoreBenchmark
from analysis.benchmarks.stores.recorded import as_json
from analysis.benchmarks.stores.report import verdicts, write
from analysis.benchmarks.tracking.jobs import WrongAnswerError
from mlplatform_site.benchmark.private import run_inside, stop_in_order
from mlplatform_site.benchmark.stores.running import Options, run
from registry.management.filters import row_count
from registry.management.tables import print_rows
from registry.management.telling import tell

ROUNDS, SECONDS = 5, 0.25
QUICK_ROUNDS, QUICK_SECONDS = 3, 0.05
RECORDS = 20_000
INTERRUPTED = 130  # as a shell tells Ctrl-C


class Command(BaseCommand):
    help = (
        "The same work on PostgreSQL, MongoDB and Redis: by drivers, libraries and in batches; who wins what."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--quick", action="store_true", help="short stretches, three rounds: two minutes")
        parser.add_argument(
            "--rounds", type=row_count, help=f"default: {ROUNDS}, with --quick {QUICK_ROUNDS}"
        )
        parser.add_argument("--only", action="append", choices=WORKS, help="a work; may be given again")
        parser.add_argument("--seed", type=int, default=1, help="of the order and of what is asked for")
        parser.add_argument("--here", action="store_true", help="beside the real stores, on no private stack")
        parser.add_argument("--out", type=Path, help="folder for stores.json, its samples, .md and plots")
        parser.add_argument("--json", action="store_true", help="the figures as JSON instead of a table")
        parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)

    def handle(self, *args: object, **options: Any) -> None:
        stop_in_order()
        try:
            if options["here"] or options["inside"]:
                self._measure(options)
            else:
                run_inside("bench-stores-")
        except KeyboardInterrupt as error:
            said = "Interrupted; nothing of the benchmark stays in the stores."
            raise CommandError(said, returncode=INTERRUPTED) from error

    def _measure(self, options: dict[str, Any]) -> None:
        wanted = Options(
            works=[name for name in WORKS if name in (options["only"] or WORKS)],
            rounds=options["rounds"] or (QUICK_ROUNDS if options["quick"] else ROUNDS),
            seconds=QUICK_SECONDS if options["quick"] else SECONDS,
            records=RECORDS,
            seed=options["seed"],
            is_private=options["inside"],
        )
        try:
            with Bar(console=Console(stderr=True), transient=True) as bar:
                task = bar.add_task("Starting", total=None)

                def report(line: str, done: int, steps: int) -> None:
                    bar.update(task, description=line, completed=done, total=steps or None)

                benchmark, series = run(wanted, report=report)
        except WrongAnswerError as error:
            raise CommandError(str(error)) from error
        if options["out"]:
            for path in write(benchmark, series, options["out"]):
                tell(self, f"Wrote {path}")
        self._tell(benchmark, as_json_=options["json"])

    def _tell(self, benchmark: StoreBenchmark, *, as_json_: bool) -> None:
        if as_json_:
            self.stdout.write(as_json(benchmark).decode())
            return
        rows = verdicts(benchmark)
        print_rows(rows, out=self.stdout, as_json=False, title="Who wins, one line a work", empty="")
        for each in benchmark.key_reads:
            self.stdout.write(each.statement)
