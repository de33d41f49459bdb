"""``manage.py find_models``: model configs by any of their fields."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from registry.documents.conditions import Condition
from registry.management.document_search import (
    add_columns,
    add_narrowing,
    columns,
    is_narrowed,
    narrowed,
    print_documents,
)

USUAL = ("id", "name", "framework", "model_type", "tags", "created_at")


class Command(BaseCommand):
    help = "Model configs by framework and any nested field, newest first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--framework", default="", help="only those of this framework")
        add_narrowing(parser, limit=20)
        add_columns(parser)

    def handle(self, *args: object, **options: Any) -> None:
        of_framework = [Condition("framework", "eq", options["framework"])] if options["framework"] else []
        search = narrowed(
            options, "model_configs", *of_framework, fields=columns(options, USUAL), sort=options["sort"]
        )
        print_documents(
            search,
            options=options,
            out=self.stdout,
            title="Model configs",
            empty="No model config fits. Leave a condition out."
            if is_narrowed(options)
            else "There are no model configs yet. Insert one, or run: manage.py seed_demo",
        )
