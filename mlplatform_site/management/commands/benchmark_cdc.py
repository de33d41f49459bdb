"""``manage.py benchmark_cdc``: how far change capture lags, what it carries, and the outbox beside it."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis.benchmarks.environment import conditions
from mlplatform_site.benchmark.cdc import capture, outbox, report
from mlplatform_site.benchmark.private import run_inside, say, stop_in_order
from mlplatform_site.stack import endpoints
from registry.management.filters import row_count

MOST_COMMITS = 200


class Command(BaseCommand):
    help = "Measure change capture and the outbox on a private stack: lag, rows a second, memory."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rows", type=row_count, default=50_000, help="of each bulk work (50,000)")
        parser.add_argument("--out", type=Path, help="folder for cdc.json and cdc.md")
        parser.add_argument("--json", action="store_true", help="for programs")
        parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)

    def handle(self, *args: object, **options: Any) -> None:
        stop_in_order()
        if not options["inside"]:
            run_inside("bench-cdc-")
            return
        try:
            found = self._measure(options["rows"])
        except RuntimeError as error:
            raise CommandError(str(error)) from error
        if options["out"]:
            report.write(found, options["out"])
        text = report.as_json(found).decode() if options["json"] else report.as_text(found)
        self.stdout.write(text)

    def _measure(self, rows: int) -> report.CaptureReport:
        call_command("init_stores", stdout=self.stderr)
        under = {"rows": rows, **conditions()}
        log, commits = endpoints.stack_dir() / "measured.log", min(MOST_COMMITS, rows // 20)
        capture.fill(rows)
        found: list[Any] = []
        for step in (
            capture.measure_capture(rows=rows, commits=commits, log=log),
            outbox.measure_outbox(runs=commits // 2, log=log),
        ):
            for figure in step:
                say(str(figure))
                found.append(figure)
        found.append(capture.measure_decoder(rows))
        return report.CaptureReport(
            under,
            [each for each in found if isinstance(each, capture.Lag)],
            [each for each in found if isinstance(each, capture.Rate)],
            [each for each in found if isinstance(each, capture.Memory)],
        )
