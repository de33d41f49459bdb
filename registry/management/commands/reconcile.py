"""``manage.py reconcile``: where the stores have come apart, and mending it."""

import datetime as dt
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError
from rich.console import Console
from rich.progress import Progress as Bar

from registry.exceptions import RegistryError
from registry.management.tables import print_rows
from registry.models import ReconcileReport
from registry.sync.reconcile.drift import Terms
from registry.sync.reconcile.lines import DriftLine, drift_lines
from registry.sync.reconcile.service import Progress, reconcile


class Command(BaseCommand):
    help = "Compare MongoDB, Redis and the artifact folder with PostgreSQL; exits with 1 where drift is left."

    def add_arguments(self, parser: CommandParser) -> None:
        usual = Terms()
        minutes = usual.orphans_older_than.total_seconds() / 60
        parser.add_argument("--repair", action="store_true", help="mend what is found")
        parser.add_argument("--deep", action="store_true", help="compare documents byte by byte too")
        parser.add_argument("--json", action="store_true", help="the report for programs")
        parser.add_argument(
            "--orphans-older-than", type=float, default=minutes, metavar="MINUTES",
            help=f"delete an orphan that was first seen this long ago ({minutes:g})",
        )  # fmt: skip
        parser.add_argument(
            "--at-most", type=int, default=usual.at_most, metavar="N",
            help=f"leave orphans and newer versions alone where there are more ({usual.at_most})",
        )  # fmt: skip

    def handle(self, *args: object, **options: Any) -> None:
        terms = Terms(dt.timedelta(minutes=max(options["orphans_older_than"], 0)), max(options["at_most"], 0))
        report = self._run(repair=options["repair"], deep=options["deep"], terms=terms)
        if options["json"]:
            self.stdout.write(orjson.dumps(_as_json(report), option=orjson.OPT_INDENT_2).decode())
        else:
            self._print(report)
        if not report.is_clean:
            raise CommandError(_what_to_do(report))

    def _run(self, *, repair: bool, deep: bool, terms: Terms) -> ReconcileReport:
        with Bar(console=Console(stderr=True), transient=True) as bar:
            tasks: dict[str, Any] = {}
            try:
                for step in reconcile(repair=repair, deep=deep, terms=terms):
                    if isinstance(step, Progress):
                        task = tasks.setdefault(step.place, None)
                        if task is None:
                            task = tasks[step.place] = bar.add_task(step.place)
                        bar.update(task, completed=step.done, total=step.total)
                    else:
                        return step
            except RegistryError as error:
                raise CommandError(str(error)) from error
            except (OperationalError, InterfaceError) as error:
                raise CommandError(
                    "PostgreSQL, which decides, does not answer; nothing was compared any further."
                    f" Run `manage.py doctor` to see why. ({str(error).strip().splitlines()[0]})"
                ) from error
        raise AssertionError("reconcile ends with its report")

    def _print(self, report: ReconcileReport) -> None:
        lines: list[DriftLine] = drift_lines(report)
        print_rows(lines, out=self.stdout, as_json=False, title="The stores against PostgreSQL", empty="")
        for finding in report.result["findings"]:
            state = "mended" if finding["is_mended"] else finding["left"] or "found"
            self.stdout.write(
                f"{finding['place']} {finding['subject']}: {finding['kind']}. {finding['detail']}. ({state})"
            )
        self.stdout.write(f"{report.found} found, {report.mended} mended.")


def _as_json(report: ReconcileReport) -> dict[str, Any]:
    names = ("started_at", "ended_at", "is_deep", "is_repair", "found", "mended", "unchecked", "is_clean")
    return {**{name: getattr(report, name) for name in names}, **report.result}


def _what_to_do(report: ReconcileReport) -> str:
    problems = {place["problem"] for place in report.result["places"] if place["problem"]}
    if problems:
        return "Not everything could be checked: " + " ".join(sorted(problems))
    left = report.found - report.mended
    if report.is_repair:
        return f"{left} could not be mended; each line above says why."
    return f"{left} have come apart. Mend them with: manage.py reconcile --repair"
