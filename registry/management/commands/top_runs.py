"""``manage.py top_runs``: the most accurate runs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from registry.management.filters import add_filters, chosen
from registry.management.tables import print_rows
from registry.queries.top_runs import top_runs

FILTERS = ("experiment", "dataset", "framework")


class Command(BaseCommand):
    help = "The most accurate finished runs, with the accuracy per hour of training."

    def add_arguments(self, parser: CommandParser) -> None:
        add_filters(parser, *FILTERS, limit=10)

    def handle(self, *args: object, **options: Any) -> None:
        filters = chosen(options, *FILTERS)
        print_rows(
            top_runs(**filters, limit=options["limit"]),
            out=self.stdout,
            as_json=options["json"],
            title="Top runs by accuracy",
            empty="No finished run with an accuracy fits these filters. Leave one out."
            if filters
            else "No finished run has an accuracy yet. Log one, or run: manage.py seed_demo",
        )
