"""``manage.py archive``: old metric points and events into files, and back."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from registry.archives.catalog import archive_lines, find_archive, verify_archive
from registry.archives.choosing import Candidates
from registry.archives.events import archive_events
from registry.archives.metrics import archive_metrics
from registry.archives.restore import restore_archive
from registry.archives.tidying import tidy_archives
from registry.exceptions import RegistryError
from registry.management.moments import moment
from registry.management.steps import shown
from registry.management.tables import print_rows
from registry.models import Archive

SHOWN = (
    "archive_id", "kind", "state", "before", "experiments", "run_count", "row_count", "byte_count",
    "file_sha256", "content_sha256", "created_at", "taken_at", "restored_at", "restored_count",
)  # fmt: skip


class Command(BaseCommand):
    help = "Move old metric points or events into Parquet files of ARCHIVE_ROOT, and bring them back."

    def add_arguments(self, parser: CommandParser) -> None:
        tasks = parser.add_subparsers(dest="task", required=True)
        metrics = tasks.add_parser("metrics", help="points of runs that ended before a day")
        events = tasks.add_parser("events", help="events that happened before a day")
        for task in (metrics, events):
            task.add_argument("--before", type=moment, required=True, metavar="TIME", help="a day or moment")
            task.add_argument("--dry-run", action="store_true", help="only say what there is")
        metrics.add_argument(
            "--experiment", action="append", default=[], metavar="NAME", help="only its runs; say it again"
        )
        listing = tasks.add_parser("list", help="all archives")
        listing.add_argument("--json", action="store_true", help="a JSON list, for programs")
        for name, told in (
            ("show", "what one holds"),
            ("verify", "read one's file whole and compare it with what was written"),
            ("restore", "bring one's rows back"),
        ):
            tasks.add_parser(name, help=told).add_argument("id", help="the archive's id, or how it begins")
        tasks.add_parser("tidy", help="clear away what a killed command left, and points of purged runs")

    def handle(self, *args: object, **options: Any) -> None:
        try:
            getattr(self, f"_{options['task']}")(options)
        except RegistryError as error:
            raise CommandError(str(error)) from error

    def _metrics(self, options: dict[str, Any]) -> None:
        steps = archive_metrics(
            before=options["before"], experiments=options["experiment"], dry_run=options["dry_run"]
        )
        done = list(shown(steps))
        archives = [each for each in done if isinstance(each, Archive)]
        portions = [each for each in done if isinstance(each, Candidates)]
        if options["dry_run"]:
            points = sum(each.point_count for each in portions)
            runs = sum(len(each.runs) for each in portions)
            self.stdout.write(f"{points:,} points of {runs:,} runs would go into {len(portions)} archives.")
            return
        for archive in archives:
            of_runs = f"{archive.row_count:,} points of {archive.run_count:,} runs"
            self.stdout.write(f"{archive.archive_id}  {of_runs}")
        self.stdout.write(f"{sum(each.row_count for each in archives):,} points archived.")

    def _events(self, options: dict[str, Any]) -> None:
        done = list(shown(archive_events(before=options["before"], dry_run=options["dry_run"])))
        if options["dry_run"]:
            self.stdout.write(f"{done[0]:,} events would be archived.")
            return
        archives = [each for each in done if isinstance(each, Archive)]
        for archive in archives:
            self.stdout.write(f"{archive.archive_id}  {archive.row_count:,} events")
        self.stdout.write(f"{sum(each.row_count for each in archives):,} events archived.")

    def _list(self, options: dict[str, Any]) -> None:
        print_rows(
            archive_lines(), out=self.stdout, as_json=options["json"], title="Archives", empty="No archives."
        )

    def _show(self, options: dict[str, Any]) -> None:
        archive = find_archive(options["id"])
        for name in SHOWN:
            self.stdout.write(f"{name.replace('_', ' '):15} {getattr(archive, name)}")

    def _verify(self, options: dict[str, Any]) -> None:
        archive = verify_archive(options["id"])
        self.stdout.write(f"The file of {archive.archive_id} is whole: {archive.row_count:,} rows.")

    def _restore(self, options: dict[str, Any]) -> None:
        (archive,) = shown(restore_archive(options["id"]))
        self.stdout.write(
            f"Archive {archive.archive_id} is restored: {archive.restored_count:,} of"
            f" {archive.row_count:,} rows came back at {archive.restored_at:%Y-%m-%d %H:%M}."
        )

    def _tidy(self, _: dict[str, Any]) -> None:
        rewritten = list(shown(tidy_archives()))
        self.stdout.write(f"Tidy; {len(rewritten)} files were written anew without purged runs.")
