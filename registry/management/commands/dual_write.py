"""``manage.py dual_write``: data on its way from one store to another, step by step and back."""

import dataclasses
from collections.abc import Iterable
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError
from rich.console import Console
from rich.progress import Progress as Bar

from registry.exceptions import RegistryError
from registry.models import Experiment
from registry.sync.dual_moves import MOVES, find_move
from registry.sync.dual_write.comparing import Comparison, Progress
from registry.sync.dual_write.moving import Moved, advance, rollback
from registry.sync.dual_write.repairing import repair
from registry.sync.dual_write.sides import Move
from registry.sync.dual_write.status import Status, statuses, switch

WORK = {"advance": advance, "rollback": rollback, "repair": repair}
ACTIONS = {
    "status": "how it stands: counts, what differs, read switches, what blocks the next step",
    "advance": "take the next step towards the new store; refused while the stores differ",
    "rollback": "take one step back towards the old store",
    "repair": "mend what differs: the store that decides is right",
    "reads": "have one query answered by the new or the old store while both are compared",
}


class Command(BaseCommand):
    help = "Move data from one store to another while it is written and read, step by step and back."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        for name, words in ACTIONS.items():
            action = actions.add_parser(name, help=words)
            action.add_argument("name", help=", ".join(MOVES))
            if name == "reads":
                action.add_argument("query")
                action.add_argument("store", choices=["old", "new"])
            action.add_argument("--experiment", default="", help="one experiment, which then moves by itself")
            action.add_argument("--json", action="store_true", help="the result for programs")

    def handle(self, *args: object, **options: Any) -> None:
        try:
            move = find_move(options["name"])
            named = options["experiment"]
            scope = _experiment_id(named) if named else ""
            if options["action"] in WORK:
                steps = WORK[options["action"]](move, scope=scope)
                self._tell(_driven(steps), as_json=options["json"])
                return
            if options["action"] == "reads":
                switch(move, scope=scope, query=options["query"], to_new=options["store"] == "new")
            self._show(move, scope, as_json=options["json"])
        except RegistryError as error:
            raise CommandError(str(error)) from error
        except (OperationalError, InterfaceError) as error:
            raise CommandError(
                "PostgreSQL does not answer; the step goes on where it stopped when it is asked for again."
                f" Run `manage.py doctor` to see why. ({str(error).strip().splitlines()[0]})"
            ) from error

    def _tell(self, result: Moved | Comparison, *, as_json: bool) -> None:
        if as_json:
            self._json(result.told)
        elif isinstance(result, Moved):
            self.stdout.write(
                f"{result.before} → {result.after} in {result.seconds:.2f} s, {result.copied} copied;"
                f" writers waited {1_000 * result.held_seconds:.1f} ms at most."
            )
        else:
            self.stdout.write(
                f"{result.old.records} and {result.new.records} records, {result.differing} differ."
            )
        if isinstance(result, Comparison) and not result.is_clean:
            raise CommandError(
                f"{result.differing} could not be mended; of {result.waiting} owners something waits."
                " `manage.py dual_write status` shows samples and reasons."
            )

    def _show(self, move: Move, scope: str, *, as_json: bool) -> None:
        found = [each for each in statuses(move) if not scope or each.scope == scope]
        if as_json:
            self._json([dataclasses.asdict(each) for each in found])
            return
        for each in found:
            for line in _lines(each):
                self.stdout.write(line)

    def _json(self, value: Any) -> None:
        self.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def _experiment_id(name: str) -> str:
    found = Experiment.objects.filter(name=name).first()
    if found is None:
        raise CommandError(f"There is no experiment called {name!r}.")
    return found.experiment_id


def _driven(steps: Iterable[Progress | Moved | Comparison]) -> Moved | Comparison:
    with Bar(console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}
        for step in steps:
            if not isinstance(step, Progress):
                return step
            if step.work not in tasks:
                tasks[step.work] = bar.add_task(step.work)
            bar.update(tasks[step.work], completed=step.done, total=step.total)
    raise AssertionError("a step ends with its result")


def _lines(status: Status) -> Iterable[str]:
    what = f"{status.name} of experiment {status.scope}" if status.scope else status.name
    since = f" since {status.since:%Y-%m-%d %H:%M:%S}" if status.since else ""
    yield f"{what}: {status.state}{since}; {status.decides} decides"
    end = "" if status.is_copied else ", not to the end"
    yield f"  copied {status.copied}{end}; {status.waiting} effects wait"
    if told := status.comparison:
        yield (
            f"  compared {told['at'][:19]}: {told['owners']} owners, {told['old']['records']} old and"
            f" {told['new']['records']} new records, {told['differing']} differing"
        )
    yield f"  divergences: {status.divergences} open, {status.mended} mended"
    for sample in status.samples:
        yield f"    {sample.key} {sample.kind} {sample.reason}".rstrip()
    for each in status.queries:
        figures = f"{each.compared} compared, {each.differed} differed"
        yield f"  {each.query}: answered by {each.answered_by}; {figures}"
    for reason in status.blocked_by:
        yield f"  blocked: {reason}"
