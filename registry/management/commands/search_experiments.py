"""``manage.py search_experiments``: experiments, or runs, by what MongoDB knows of them."""

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
from registry.management.filters import chosen
from registry.models import Experiment

USUAL = {
    "experiments": ("id", "name", "description", "created_at"),
    "runs": ("id", "name", "status", "framework", "model_name", "metrics.accuracy", "started_at"),
}


class Command(BaseCommand):
    help = "Experiments by nested fields, tags and time, newest first; with --runs, the bodies of runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--runs", action="store_true", help="search the bodies of runs")
        parser.add_argument("--experiment", default="", help="only what is of this experiment, by its name")
        parser.add_argument("--deleted", action="store_true", help="also what is in the bin")
        add_narrowing(parser, limit=20)
        add_columns(parser)

    def handle(self, *args: object, **options: Any) -> None:
        collection = "runs" if options["runs"] else "experiments"
        search = narrowed(
            options,
            collection,
            *_of_experiment(options, "experiment_id" if options["runs"] else "id"),
            fields=columns(options, USUAL[collection]),
            sort=options["sort"],
            with_deleted=options["deleted"],
        )
        print_documents(
            search,
            options=options,
            out=self.stdout,
            title=collection.capitalize(),
            empty=f"None of the {collection} fits. Leave a condition out."
            if is_narrowed(options)
            else f"There are no {collection} yet. Create one, or run: manage.py seed_demo",
        )


def _of_experiment(options: dict[str, Any], field: str) -> list[Condition]:
    names = chosen(options, "experiment")
    if not names:
        return []
    return [Condition(field, "eq", Experiment.objects.get(name=names["experiment"]).experiment_id)]
