"""``manage.py materialize``: the newest offline values to Redis."""

from collections.abc import Sequence
from contextlib import nullcontext
from time import monotonic
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import InterfaceError, OperationalError
from rich.console import Console
from rich.progress import Progress as Bar

from features.management.arguments import VersionedCommand, moment
from features.models import FeatureView
from features.services.materialization import Progress, materialize, views_to_materialize
from features.services.refilling import refilling
from registry.exceptions import RegistryError


class Command(VersionedCommand):
    help = "Bring the newest offline feature values to Redis: what is new since the last run."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--view", help="this view alone (default: every active one)")
        parser.add_argument("--version", type=int, metavar="N", help="of the view; by default the active one")
        parser.add_argument("--until", type=moment, metavar="DATE", help="event times up to here (now)")
        parser.add_argument("--full", action="store_true", help="everything, not only what is new")

    def handle(self, *args: object, **options: Any) -> None:
        if options["version"] is not None and options["view"] is None:
            raise CommandError("--version needs --view.")
        try:
            views = views_to_materialize(name=options["view"], version=options["version"])
            is_all = options["view"] is None and options["until"] is None
            with refilling(views) if is_all else nullcontext(views) as due:
                self._run_all(due, options)
        except RegistryError as error:
            raise CommandError(f"{error} What is written stays; run it again to go on.") from error
        except (OperationalError, InterfaceError) as error:
            raise CommandError(
                "PostgreSQL does not answer; run `manage.py doctor` to see why. What is written stays;"
                " run it again to go on."
            ) from error

    def _run_all(self, views: Sequence[FeatureView], options: dict[str, Any]) -> None:
        with Bar(console=Console(stderr=True), transient=True) as bar:
            for view in views:
                self._run(view, bar, options)

    def _run(self, view: FeatureView, bar: Bar, options: dict[str, Any]) -> None:
        began, task = monotonic(), bar.add_task(str(view), total=None)
        last = Progress(0, 0, 0)
        for last in materialize(view=view, until=options["until"], full=options["full"]):
            bar.update(task, completed=last.done, total=last.total)
        seconds = monotonic() - began
        rate = f", {last.done / seconds:,.0f}/s" if last.done else ""
        counts = f"{last.done:,} entities, {last.written:,} newer than Redis had"
        self.stdout.write(f"{view}: {counts}, in {seconds:.1f} s{rate}.")
