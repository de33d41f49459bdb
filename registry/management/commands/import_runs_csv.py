"""``manage.py import_runs_csv``: runs from a CSV file."""

from pathlib import Path
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from registry.exceptions import RegistryError
from registry.imports.csv_runs.discovery import proposed_mapping
from registry.imports.csv_runs.mapping import read_mapping
from registry.imports.csv_runs.reading import CsvFile
from registry.imports.csv_runs.source import CsvSource
from registry.management.importing import add_import_arguments, run_import


class Command(BaseCommand):
    help = "Import runs from a CSV file; the same command again brings only what is new."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--mapping", type=Path, metavar="FILE.json", help="what the columns mean")
        parser.add_argument(
            "--discover", action="store_true", help="print a mapping to begin with, import nothing"
        )
        parser.add_argument("--delimiter", default="", help="one character (the header tells: , ; tab |)")
        parser.add_argument("--encoding", default="utf-8-sig", help="what the file is written in (utf-8)")
        add_import_arguments(parser)

    def handle(self, *args: object, **options: Any) -> None:
        if options["discover"]:
            self._discover(options)
        else:
            run_import(lambda: _source(options), options, self.stdout)

    def _discover(self, options: dict[str, Any]) -> None:
        try:
            proposed = proposed_mapping(_file(options))
        except RegistryError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(orjson.dumps(proposed, option=orjson.OPT_INDENT_2).decode())


def _file(options: dict[str, Any]) -> CsvFile:
    delimiter = "\t" if options["delimiter"] in ("tab", "\\t") else options["delimiter"]
    return CsvFile(options["file"], delimiter=delimiter, encoding=options["encoding"])


def _source(options: dict[str, Any]) -> CsvSource:
    mapping = read_mapping(options["mapping"]) if options["mapping"] else None
    return CsvSource(_file(options), mapping)
