"""``manage.py top_runs``: the most accurate runs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from registry.management.tables import print_rows
from registry.models import Dataset, Experiment
from registry.queries.top_runs import top_runs


class Command(BaseCommand):
    help = "The most accurate finished runs, with the accuracy per hour of training."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--experiment", default="")
        parser.add_argument("--dataset", default="")
        parser.add_argument("--framework", default="")
        parser.add_argument("--limit", type=int, default=10)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: object, **options: Any) -> None:
        if options["limit"] < 1:
            raise CommandError("--limit is a number from 1.")
        self._check_known(Dataset, options["dataset"], "dataset")
        self._check_known(Experiment, options["experiment"], "experiment")
        rows = top_runs(
            experiment=options["experiment"],
            dataset=options["dataset"],
            framework=options["framework"],
            limit=options["limit"],
        )
        print_rows(
            rows,
            out=self.stdout,
            as_json=options["json"],
            title="Top runs by accuracy",
            empty="No finished run has an accuracy yet. Log one, or run: manage.py seed_demo",
        )

    def _check_known(self, model: type[Dataset | Experiment], name: str, what: str) -> None:
        if name and not model.objects.filter(name=name).exists():
            names = ", ".join(model.objects.values_list("name", flat=True)[:20]) or "none"
            raise CommandError(f"There is no {what} named {name!r}. There are: {names}.")
