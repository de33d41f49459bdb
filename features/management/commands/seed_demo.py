"""``manage.py seed_demo``: real training runs, real customers, their features."""

from collections.abc import Generator
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from features.management.arguments import positive
from features.recommending.movielens import MovieLensNotFoundError
from features.seeding.cdnow import CdnowNotFoundError
from features.seeding.seeder import PARTS, Progress, seed
from registry.acting import acting_as
from registry.exceptions import RegistryError
from registry.management.bars import counting_bars
from registry.tracking import Tracker

NOUNS = {
    "runs": ("run", "runs"),
    "customers": ("customer", "customers"),
    "features": ("row of features", "rows of features"),
    "churn": ("churn model", "churn models"),
    "films": ("rating of films", "ratings of films"),
    "value": ("model of customers' value", "models of customers' value"),
    "scores": ("score of customers", "scores of customers"),
}


class Command(BaseCommand):
    """Seeds what is absent; a second time there is nothing to do."""

    help = "Train and log real models, store CDNOW's customers and compute their features. Safe to repeat."

    def add_arguments(self, parser: CommandParser) -> None:
        """What to seed, and how much of it."""
        parser.add_argument("--only", choices=PARTS, help="seed this part alone")
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
        parts = [options["only"]] if options["only"] else PARTS
        try:
            tracker = Tracker(user=options["user"])
            progress = seed(parts, tracker=tracker, scale=options["scale"], processes=options["processes"])
            with acting_as(user=tracker.user, channel="command"):
                seeded = self._shown(progress)
        except (RegistryError, CdnowNotFoundError, MovieLensNotFoundError) as error:
            raise CommandError(str(error)) from error
        except BrokenProcessPool as error:
            raise CommandError("A training process died (out of memory?). Run seed_demo again.") from error
        counts = ", ".join(f"{seeded[part]:,} {NOUNS[part][seeded[part] != 1]}" for part in parts)
        self.stdout.write(f"Seeded {counts} that were absent, in {monotonic() - started:.1f} s.")

    def _shown(self, progress: Generator[Progress, None, None]) -> dict[str, int]:
        """Follows the seeding with bars on stderr; returns how many of each part were stored."""
        seeded: dict[str, int] = {}
        tasks: dict[str, Any] = {}
        with counting_bars() as bar, closing(progress) as steps:
            for step in steps:
                if step.part not in tasks:
                    tasks[step.part] = bar.add_task(f"Seeding {step.part}", total=step.total)
                bar.update(tasks[step.part], completed=step.done)
                seeded[step.part] = step.done
        return seeded
