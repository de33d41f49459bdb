"""``manage.py compute_features``: feature views as of a time, into the offline history."""

from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.progress import track

from features.management.arguments import moment
from features.services.feature_history import compute_view, computed_views, defined_view
from registry.exceptions import RegistryError


class Command(BaseCommand):
    help = "Compute feature views as of a time, for all entities known by then. Safe to run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--view", action="append", help="this view alone; may be said again")
        parser.add_argument(
            "--as-of",
            action="append",
            type=moment,
            metavar="DATE",
            help="as known before this moment; may be said again (default: now)",
        )

    def handle(self, *args: object, **options: Any) -> None:
        started = monotonic()
        names, moments = options["view"], options["as_of"] or [timezone.now()]
        try:
            views = [defined_view(name) for name in names] if names else computed_views()
            steps = [(view, at) for at in sorted(moments) for view in views]
            bar = track(steps, "Computing", console=Console(stderr=True), transient=True)
            rows = sum(compute_view(definition=view, as_of=at) for view, at in bar)
        except RegistryError as error:
            raise CommandError(str(error)) from error
        seconds = monotonic() - started
        self.stdout.write(
            f"Computed {len(steps)} snapshots: {rows:,} rows are new or changed, in {seconds:.1f} s."
        )
