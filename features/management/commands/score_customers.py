"""``manage.py score_customers``: segments, probabilities and value of every customer."""

import datetime as dt
import json
from argparse import ArgumentTypeError
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import Progress as Bar

from features.services.customer_scores import Progress, score_customers
from registry.acting import acting_as
from registry.exceptions import RegistryError


def day(text: str) -> dt.date:
    """A day in ISO 8601.

    Raises:
        ArgumentTypeError: it is none.
    """
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no day such as 1998-07-01") from None


class Command(BaseCommand):
    help = "Score every customer who bought before a day, and serve the scores as features. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--as-of", type=day, metavar="DATE", help="purchases before it count (the day after the newest)"
        )
        parser.add_argument("--dry-run", action="store_true", help="work everything out, write nothing")
        parser.add_argument("--json", action="store_true", help="the summary as one JSON object")

    def handle(self, *args: object, **options: Any) -> None:
        began = monotonic()
        try:
            with acting_as(user=None, channel="command"):
                last = self._shown(options["as_of"], is_dry_run=options["dry_run"])
        except RegistryError as error:
            raise CommandError(str(error)) from error
        summary = {
            "customers": last.customers,
            "written": last.written,
            "as_of": last.as_of.isoformat(),
            "run_id": last.run_id,
            "seconds": round(monotonic() - began, 1),
        }
        if options["json"]:
            self.stdout.write(json.dumps(summary))
            return
        what = "would be scored" if options["dry_run"] else f"scored, {last.written:,} of them anew"
        self.stdout.write(
            f"{summary['customers']:,} customers {what}, as of {last.as_of}, in {summary['seconds']} s."
        )

    def _shown(self, as_of: dt.date | None, *, is_dry_run: bool) -> Progress:
        with Bar(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("Scoring customers", total=None)
            for last in score_customers(as_of=as_of, is_dry_run=is_dry_run):
                bar.update(task, completed=last.done, total=last.total)
        return last
