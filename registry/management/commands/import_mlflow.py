"""``manage.py import_mlflow``: everything that a store of MLflow's holds."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from registry.imports.mlflow.opening import Wanted, open_source
from registry.management.importing import add_import_arguments, run_import


class Command(BaseCommand):
    help = "Import a folder mlruns or a database of MLflow's; the same command again brings only what is new."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("place", help="a folder mlruns, a file mlflow.db, sqlite:///… or postgresql://…")
        parser.add_argument(
            "--experiment", action="append", default=[], metavar="NAME", help="only this one; may be repeated"
        )
        parser.add_argument("--no-artifacts", action="store_true", help="leave all files where they are")
        parser.add_argument(
            "--artifact-root", type=Path, metavar="DIR",
            help="read files inside this folder only (mlruns; beside a database, mlruns and mlartifacts)",
        )  # fmt: skip
        add_import_arguments(parser)

    def handle(self, *args: object, **options: Any) -> None:
        wanted = Wanted(options["experiment"], not options["no_artifacts"], options["artifact_root"])
        run_import(lambda: open_source(options["place"], wanted), options, self.stdout)
