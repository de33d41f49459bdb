"""``manage.py framework_metrics``: metrics by framework, computed by MongoDB."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from registry.documents.conditions import Condition
from registry.management.document_search import (
    COLLECTION_SCAN,
    add_narrowing,
    is_narrowed,
    narrowed,
    refusals_told,
)
from registry.management.tables import print_rows
from registry.queries.framework_metrics import framework_metrics, serving_metrics_index


class Command(BaseCommand):
    help = "Mean, minimum, maximum and count of metrics for each framework, over model configs or runs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--metric",
            action="append",
            default=[],
            help="a metric's whole name (may be said again); else all",
        )
        parser.add_argument("--framework", default="", help="only this framework")
        parser.add_argument("--runs", action="store_true", help="over the bodies of runs")
        add_narrowing(parser, limit=1_000)

    def handle(self, *args: object, **options: Any) -> None:
        of_framework = [Condition("framework", "eq", options["framework"])] if options["framework"] else []
        search = narrowed(options, "runs" if options["runs"] else "model_configs", *of_framework)
        metrics = options["metric"]
        with refusals_told():
            if options["explain"]:
                index = serving_metrics_index(search, metrics=metrics) or COLLECTION_SCAN
                self.stdout.write(f"Served by: {index}.")
                return
            rows = framework_metrics(search, metrics=metrics)
        print_rows(
            rows,
            out=self.stdout,
            as_json=options["json"],
            title="Metrics by framework",
            empty="No document that fits has such a metric. Leave a condition out."
            if metrics or is_narrowed(options)
            else "Nothing has a metric yet. Log one, or run: manage.py seed_demo",
        )
