"""``manage.py export_runs``: runs with all that they logged, as Parquet files."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from registry.archives.exporting import RunChoice, export_runs
from registry.exceptions import RegistryError
from registry.management.moments import moment
from registry.management.steps import shown


class Command(BaseCommand):
    help = "Write runs, params, metrics, points, tags, inputs and lists of files as Parquet, with a manifest."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="is made")
        parser.add_argument(
            "--experiment", action="append", default=[], metavar="NAME", help="only its runs; say it again"
        )
        parser.add_argument("--since", type=moment, metavar="TIME", help="started from then on")
        parser.add_argument("--until", type=moment, metavar="TIME", help="started before then")
        parser.add_argument("--where", default="", metavar="FILTER", help="as the runs table takes it")
        parser.add_argument("--with-bodies", action="store_true", help="the documents, too, as JSON")

    def handle(self, *args: object, **options: Any) -> None:
        choice = RunChoice(options["experiment"], options["since"], options["until"], options["where"])
        steps = export_runs(
            folder=options["out"].absolute(), choice=choice, with_bodies=options["with_bodies"]
        )
        try:
            (export,) = shown(steps)
        except RegistryError as error:
            raise CommandError(str(error)) from error
        told = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in export.row_counts.items())
        self.stdout.write(f"{told} in {options['out']}.")
