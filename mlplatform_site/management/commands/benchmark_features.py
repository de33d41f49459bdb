"""``manage.py benchmark_features`` (``make bench-features``): ours against layouts and Feast."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis.benchmarks.features.report import markdown
from analysis.benchmarks.tracking.jobs import WrongAnswerError
from mlplatform_site.benchmark.features.running import Options, run
from mlplatform_site.benchmark.private import run_inside, say, stop_in_order
from mlplatform_site.demo.children import ChildError
from registry.management.filters import row_count


class Command(BaseCommand):
    help = "Read and write online features by ours, bare redis-py and Feast's SDK, on one private stack."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--quick", action="store_true", help="small counts, two rounds: a minute")
        parser.add_argument("--rounds", type=row_count, help="default: 5, with --quick 2")
        parser.add_argument("--feast-python", type=Path, default=Path(".venv-feast/bin/python"))
        parser.add_argument("--out", type=Path, help="folder for features.json, .md and .png")
        parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)

    def handle(self, *args: object, **options: Any) -> None:
        if not options["feast_python"].exists():
            raise CommandError(f"{options['feast_python']} is missing. Make it: make bench-features.")
        stop_in_order()
        if not options["inside"]:
            run_inside("bench-features-")
            return
        wanted = Options(
            is_quick=options["quick"],
            rounds=options["rounds"] or (2 if options["quick"] else 5),
            feast_python=options["feast_python"].absolute(),
            out=options["out"],
        )
        try:
            report = run(wanted, report=say)
        except (WrongAnswerError, ChildError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(markdown(report))
