"""``manage.py cache stats``: how the caches fare."""

import dataclasses
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from features.queries.cache_statistics import CacheStatistics, cache_statistics
from registry.management.tables import print_rows


class Command(BaseCommand):
    help = "Hits, misses, fills, waits and errors of each cache; exits with 1 where Redis does not tell."

    def add_arguments(self, parser: CommandParser) -> None:
        tasks = parser.add_subparsers(dest="task", required=True)
        stats = tasks.add_parser("stats", help="the last hour, of all processes")
        stats.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: object, **options: Any) -> None:
        found = cache_statistics()
        if options["json"]:
            self.stdout.write(orjson.dumps(dataclasses.asdict(found), option=orjson.OPT_INDENT_2).decode())
        else:
            self._print(found)
        if not found.is_whole:
            raise CommandError("Redis does not answer. Run `manage.py doctor` to see why.")

    def _print(self, found: CacheStatistics) -> None:
        title = "Caches, the last hour of all processes" if found.is_whole else "Caches, this process alone"
        print_rows(found.caches, out=self.stdout, as_json=False, title=title, empty="")
        print_rows(
            found.servers, out=self.stdout, as_json=False, title="Redis", empty="Redis does not answer."
        )
