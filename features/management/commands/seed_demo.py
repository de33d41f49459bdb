"""``manage.py seed_demo``: real training runs, real customers."""

from argparse import ArgumentTypeError
from collections.abc import Iterator
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from features.seeding.seeder import Progress, seed_customers, seed_runs
from registry.tracking import Tracker


def positive(text: str) -> int:
    """A whole number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


class Command(BaseCommand):
    """Seeds what is absent; a second time there is nothing to do."""

    help = "Train real models and log them, and store CDNOW's customers. Safe to run again."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to seed, and how much of it."""
        parser.add_argument("--only", choices=["runs", "customers"], help="seed this part alone")
        parser.add_argument(
            "--scale", type=positive, default=1, help="train the sweep N times, each with its own seed"
        )
        parser.add_argument(
            "--processes", type=positive, default=2, help="how many models train at a time (default 2)"
        )
        parser.add_argument("--user", help="the user name that the runs are recorded for")

    def handle(self, **options: Any) -> None:
        """Seed with a bar on stderr, then say in one line what was new."""
        started = monotonic()
        seeded: dict[str, int] = {}
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Bar(*columns, console=Console(stderr=True)) as bar:
            tasks = {what: bar.add_task(f"Seeding {what}", total=None) for what in parts(options)}
            for step in steps(options):
                bar.update(tasks[step.what], completed=step.done, total=step.total)
                seeded[step.what] = step.done
        counts = " and ".join(f"{count:,} {what}" for what, count in seeded.items())
        self.stdout.write(f"Seeded {counts} that were absent, in {monotonic() - started:.1f} s.")


def parts(options: dict[str, Any]) -> list[str]:
    """The parts asked for."""
    return [options["only"]] if options["only"] else ["runs", "customers"]


def steps(options: dict[str, Any]) -> Iterator[Progress]:
    """The progress of each part asked for."""
    if "runs" in parts(options):
        tracker = Tracker(user=options["user"])
        yield from seed_runs(scale=options["scale"], tracker=tracker, processes=options["processes"])
    if "customers" in parts(options):
        yield from seed_customers()
