"""``manage.py framework_comparison``: frameworks side by side."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from registry.management.filters import add_filters, chosen
from registry.management.tables import print_rows
from registry.queries.framework_comparison import framework_comparison

FILTERS = ("experiment", "dataset")


class Command(BaseCommand):
    help = "Each framework's runs, accuracy and duration."

    def add_arguments(self, parser: CommandParser) -> None:
        add_filters(parser, *FILTERS, limit=100)

    def handle(self, *args: object, **options: Any) -> None:
        filters = chosen(options, *FILTERS)
        print_rows(
            framework_comparison(**filters, limit=options["limit"]),
            out=self.stdout,
            as_json=options["json"],
            title="Frameworks",
            empty="No run that names its framework fits these filters. Leave one out."
            if filters
            else "No run names its framework yet. Log one, or run: manage.py seed_demo",
        )
