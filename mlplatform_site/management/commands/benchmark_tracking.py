"""``manage.py benchmark_tracking`` (``make bench-tracking``): the tracking API against ``mlflow server``."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis.benchmarks.tracking.jobs import WrongAnswerError
from analysis.benchmarks.tracking.report import failures, markdown
from analysis.benchmarks.tracking.servers import BEST, DEFAULT, OURS
from mlplatform_site.benchmark.private import run_inside, say, stop_in_order
from mlplatform_site.benchmark.tracking import Options, run
from mlplatform_site.demo.children import ChildError
from registry.management.filters import row_count

TARGETS = {"default": DEFAULT, "best": BEST, "ours": OURS}


class Command(BaseCommand):
    help = "Drive mlflow server (default and best setting) and ours in turn, on one private stack; compare."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--quick", action="store_true", help="small counts, one round: minutes")
        parser.add_argument("--rounds", type=row_count, help="default: 3, with --quick 1")
        parser.add_argument("--only", default="", help="cases whose name contains this text")
        parser.add_argument("--targets", default="default,best,ours", help="which servers, by commas")
        parser.add_argument("--mlflow-python", type=Path, default=Path(".venv-mlflow/bin/python"))
        parser.add_argument("--out", type=Path, help="folder for tracking.json, .md and .png")
        parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)

    def handle(self, *args: object, **options: Any) -> None:
        names = options["targets"].split(",")
        if unknown := sorted(set(names) - TARGETS.keys()):
            raise CommandError(f"Unknown: {', '.join(unknown)}. Choose from {', '.join(TARGETS)}.")
        if not options["mlflow_python"].exists():
            raise CommandError(f"{options['mlflow_python']} is missing. Make it: make bench-tracking.")
        stop_in_order()
        if not options["inside"]:
            run_inside("bench-tracking-")
            return
        wanted = Options(
            servers=[TARGETS[name] for name in names],
            only=options["only"],
            is_quick=options["quick"],
            rounds=options["rounds"] or (1 if options["quick"] else 3),
            mlflow_python=options["mlflow_python"].absolute(),
            out=options["out"],
        )
        try:
            report = run(wanted, report=say)
        except (WrongAnswerError, ChildError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(markdown(report))
        if wrong := failures(report):
            raise CommandError(f"Wrong answers in {len(wrong)} cases: {'; '.join(wrong)}.")
