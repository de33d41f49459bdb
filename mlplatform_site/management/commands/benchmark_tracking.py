"""``manage.py benchmark_tracking`` (``make bench-tracking``): the tracking API against ``mlflow server``."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis.benchmarks.tracking.jobs import WrongAnswerError
from analysis.benchmarks.tracking.report import failures, markdown
from analysis.benchmarks.tracking.servers import BEST, DEFAULT, OURS
from mlplatform_site.benchmark.tracking import Options, run
from mlplatform_site.demo.children import ChildError
from mlplatform_site.stack import endpoints, lifecycle
from registry.management.filters import row_count

TARGETS = {"default": DEFAULT, "best": BEST, "ours": OURS}
PROJECT = Path(__file__).resolve().parents[3]


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
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, _as_interrupt)
        if not options["inside"]:
            _run_inside()
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
            report = run(wanted, report=_say)
        except (WrongAnswerError, ChildError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(markdown(report))
        if wrong := failures(report):
            raise CommandError(f"Wrong answers in {len(wrong)} cases: {'; '.join(wrong)}.")


def _run_inside() -> None:
    """Run this command again on a stack of its own, and throw that away."""
    parent = endpoints.stack_dir()
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="bench-tracking-", dir=parent))
    own = {name for server in lifecycle.SERVERS for name in server.variables}
    environment = {name: value for name, value in os.environ.items() if name not in own}
    for name in own:
        os.environ.pop(name, None)
    try:
        lifecycle.start(folder, _say)
        environment |= {"STACK_DIR": str(folder), "ARTIFACT_ROOT": str(folder / "artifacts")}
        status = _wait(
            subprocess.Popen([sys.executable, *sys.argv, "--inside"], cwd=PROJECT, env=environment)
        )
    finally:
        lifecycle.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)
    if status:
        raise CommandError("The benchmark failed; the reason is above.")


def _wait(inside: "subprocess.Popen[bytes]") -> int:
    """Its exit status; an interrupt is handed on, and what it started stopped by itself."""
    try:
        return inside.wait()
    except KeyboardInterrupt:
        inside.terminate()
        inside.wait()
        raise


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
