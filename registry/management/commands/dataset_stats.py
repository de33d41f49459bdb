"""``manage.py dataset_stats``: how training goes on each dataset."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from registry.management.filters import add_filters, chosen
from registry.management.tables import print_rows
from registry.queries.dataset_stats import dataset_stats


class Command(BaseCommand):
    help = "Each dataset's runs, experiments, best accuracy and trend."

    def add_arguments(self, parser: CommandParser) -> None:
        add_filters(parser, "dataset", limit=100)

    def handle(self, *args: object, **options: Any) -> None:
        print_rows(
            dataset_stats(**chosen(options, "dataset"), limit=options["limit"]),
            out=self.stdout,
            as_json=options["json"],
            title="Datasets",
            empty="There are no datasets yet. Create one, or run: manage.py seed_demo",
        )
