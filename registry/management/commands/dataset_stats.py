"""``manage.py dataset_stats``: how training goes on each dataset."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from registry.management.tables import print_rows
from registry.queries.dataset_stats import dataset_stats


class Command(BaseCommand):
    help = "Each dataset's runs, experiments, best accuracy and trend."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dataset", default="", help="this one alone")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: object, **options: Any) -> None:
        rows = dataset_stats(dataset=options["dataset"])
        if options["dataset"] and not rows:
            names = ", ".join(each.dataset for each in dataset_stats()) or "none"
            raise CommandError(f"There is no dataset named {options['dataset']!r}. There are: {names}.")
        print_rows(
            rows,
            out=self.stdout,
            as_json=options["json"],
            title="Datasets",
            empty="There are no datasets yet. Create one, or run: manage.py seed_demo",
        )
