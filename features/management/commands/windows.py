"""``manage.py windows``: windows of arrays, from the cache or their HDF5 file."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from features.caches import WINDOWS
from features.queries.cache_statistics import cache_statistics
from features.seeding.signals import prepare_signals
from features.services.windows import read_windows, series_of
from registry.exceptions import RegistryError
from registry.management.tables import print_rows
from registry.services.datasets import find_dataset

BATCH = 100


class Command(BaseCommand):
    help = "Make the demo's HDF5 files, show one window, put all into the cache, or tell how the cache fares."

    def add_arguments(self, parser: CommandParser) -> None:
        tasks = parser.add_subparsers(dest="task", required=True)
        tasks.add_parser("prepare", help="write and register the electrocardiogram and the digits")
        tasks.add_parser("stats", help="hits and misses of the last hour")
        show = tasks.add_parser("show", help="one window: where it came from, how long it took, its values")
        warm = tasks.add_parser("warm", help="put every window of a length into the cache")
        show.add_argument("--start", type=int, default=0, help="index of the first value (0)")
        for task in (show, warm):
            task.add_argument("dataset")
            task.add_argument("--series", default="", help="by default the first")
            task.add_argument(
                "--length", type=int, default=1, help="how many values along the first axis (1)"
            )

    def handle(self, *args: object, **options: Any) -> None:
        try:
            getattr(self, f"_{options['task']}")(options)
        except RegistryError as error:
            raise CommandError(str(error)) from error

    def _prepare(self, _: dict[str, Any]) -> None:
        names = ", ".join(f"{each.name} ({each.row_count:,} values)" for each in prepare_signals())
        self.stdout.write(f"Registered: {names}.")

    def _show(self, options: dict[str, Any]) -> None:
        asked = {name: options[name] for name in ("dataset", "series", "length")}
        began = time.perf_counter()
        (found,) = read_windows(starts=[options["start"]], **asked)
        took = (time.perf_counter() - began) * 1_000
        array = found.array
        self.stdout.write(
            f"{array.dtype} {array.shape} from {found.source} in {took:.2f} ms;"
            f" {array.min():g} to {array.max():g}, mean {array.mean():g}"
        )

    def _warm(self, options: dict[str, Any]) -> None:
        asked = {name: options[name] for name in ("dataset", "series", "length")}
        series = series_of(find_dataset(asked["dataset"]))
        length = next((each.length for each in series if asked["series"] in ("", each.name)), 0)
        starts = range(0, length - asked["length"] + 1, max(asked["length"], 1))
        began, absent = time.perf_counter(), 0
        for at in range(0, len(starts), BATCH):
            read = read_windows(starts=starts[at : at + BATCH], **asked)
            absent += sum(each.source == "source" for each in read)
        took = time.perf_counter() - began
        self.stdout.write(f"{len(starts):,} windows, {absent:,} of them new, in {took:.2f} s.")

    def _stats(self, _: dict[str, Any]) -> None:
        lines = [line for line in cache_statistics().caches if line.cache == WINDOWS.name]
        print_rows(lines, out=self.stdout, as_json=False, title="Windows, the last hour", empty="")
