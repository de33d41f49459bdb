"""``manage.py import_sqlite``: runs from a SQLite database of any schema."""

from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from registry.exceptions import RegistryError
from registry.imports.csv_runs.mapping import read_json
from registry.imports.sqlite.discovery import proposed_mapping, tables_of
from registry.imports.sqlite.opening import opened
from registry.imports.sqlite.source import SqliteSource
from registry.management.importing import add_import_arguments, run_import


class Command(BaseCommand):
    help = "Import runs from a SQLite database; the same command again brings only what is new."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--mapping", type=Path, metavar="FILE.json", help="what the tables mean")
        parser.add_argument(
            "--discover", action="store_true", help="print a mapping to begin with, import nothing"
        )
        add_import_arguments(parser)

    def handle(self, *args: object, **options: Any) -> None:
        if options["discover"]:
            self._discover(options["file"])
        else:
            run_import(lambda: _source(options), options, self.stdout)

    def _discover(self, path: Path) -> None:
        try:
            with opened(path) as connection:
                proposed = proposed_mapping(tables_of(connection), stem=path.stem)
        except RegistryError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(orjson.dumps(proposed, option=orjson.OPT_INDENT_2).decode())


def _source(options: dict[str, Any]) -> SqliteSource:
    return SqliteSource(options["file"], read_json(options["mapping"]) if options["mapping"] else None)
