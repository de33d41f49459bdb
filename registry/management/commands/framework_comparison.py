"""``manage.py framework_comparison``: frameworks side by side."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from registry.management.tables import print_rows
from registry.queries.framework_comparison import framework_comparison


class Command(BaseCommand):
    help = "Each framework's runs, accuracy and duration."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: object, **options: Any) -> None:
        print_rows(
            framework_comparison(),
            out=self.stdout,
            as_json=options["json"],
            title="Frameworks",
            empty="There are no runs yet. Log one, or run: manage.py seed_demo",
        )
