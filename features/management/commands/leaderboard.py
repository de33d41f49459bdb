"""``manage.py leaderboard``: show, rebuild and verify the leaderboards."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import Progress as Bar

from features.board_metrics import ACCURACY, board_metrics
from features.queries.boards import Board, board
from features.services.boards import rebuild_boards, wrong_places
from registry.exceptions import RegistryError
from registry.management.filters import chosen, row_count
from registry.management.tables import print_rows
from registry.management.telling import tell
from registry.sync.reconcile.drift import Finding, Step


class Command(BaseCommand):
    help = "Show a leaderboard, build boards again from PostgreSQL, or compare them with it."

    def add_arguments(self, parser: CommandParser) -> None:
        tasks = parser.add_subparsers(dest="task", required=True)
        show = tasks.add_parser("show", help="the best runs of a dataset by a metric")
        show.add_argument("--limit", type=row_count, default=10, help="how many runs (10)")
        show.add_argument("--json", action="store_true", help="a JSON list, for programs")
        rebuild = tasks.add_parser("rebuild", help="put every finished run in its places")
        verify = tasks.add_parser("verify", help="compare with PostgreSQL; exits with 1 where one is wrong")
        for task in (show, rebuild, verify):
            task.add_argument("--dataset", default="", required=task is show, help="of this dataset")
            default = ACCURACY if task is show else ""
            task.add_argument("--metric", default=default, choices=list(board_metrics()), help="by this one")

    def handle(self, *args: object, **options: Any) -> None:
        chosen(options, "dataset")
        dataset, metric = options["dataset"], options["metric"]
        try:
            if options["task"] == "show":
                found = board(dataset=dataset, metric=metric, limit=options["limit"])
                self._show(found, as_json=options["json"])
            elif options["task"] == "rebuild":
                total, _ = _followed(rebuild_boards(dataset=dataset, metric=metric))
                self.stdout.write(f"{total:,} runs stand in their places.")
            else:
                self._tell(_followed(wrong_places(dataset=dataset, metric=metric))[1])
        except RegistryError as error:
            raise CommandError(str(error)) from error

    def _show(self, found: Board, *, as_json: bool) -> None:
        if found.problem:
            tell(self, f"From PostgreSQL. {found.problem}")
        direction = "greatest" if found.is_higher_better else "least"
        print_rows(
            found.rows,
            out=self.stdout,
            as_json=as_json,
            title=f"{found.dataset} by {found.metric}, the {direction} first",
            empty=f"No finished run on {found.dataset!r} has {found.metric!r}.",
        )

    def _tell(self, findings: list[Finding]) -> None:
        for finding in findings:
            self.stdout.write(f"{finding.subject}: {finding.kind}. {finding.detail}.")
        if findings:
            raise CommandError(
                f"{len(findings):,} stand otherwise than PostgreSQL has it."
                " Mend them with: manage.py leaderboard rebuild"
            )
        self.stdout.write("The boards are as PostgreSQL has them.")


def _followed(steps: Iterator[Step]) -> tuple[int, list[Finding]]:
    """The last step's total and everything found, with a bar on stderr."""
    total, findings = 0, list[Finding]()
    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Runs")
        for step in steps:
            total = step.total
            findings += step.found
            bar.update(task, completed=step.done, total=step.total)
    return total, findings
