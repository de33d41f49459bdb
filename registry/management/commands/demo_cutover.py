"""``manage.py demo_cutover``: run notes move to another store and back under writers, and none is lost."""

import dataclasses
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError

from registry.exceptions import RegistryError
from registry.management.bars import counting_bars
from registry.management.cutover.demo import Shown, demonstrate
from registry.management.tables import print_rows

MOST = {"writers": 32, "notes": 100_000, "runs": 1_000}


class Command(BaseCommand):
    help = (
        "Move the notes of runs of its own from MongoDB to PostgreSQL and back while they are written"
        " and read, prove that none was lost, and take everything away again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        for name, usual in (("writers", 4), ("notes", 1_000), ("runs", 20)):
            parser.add_argument(f"--{name}", type=int, default=usual, metavar="N", help=f"how many ({usual})")
        parser.add_argument("--json", action="store_true", help="the result for programs")

    def handle(self, *args: object, **options: Any) -> None:
        for name, most in MOST.items():
            if not 1 <= options[name] <= most:
                raise CommandError(f"--{name} is a number from 1 to {most:,}, not {options[name]}.")
        try:
            shown = _shown(options["writers"], options["notes"], options["runs"])
        except RegistryError as error:
            raise CommandError(str(error)) from error
        except (OperationalError, InterfaceError) as error:
            raise CommandError(
                "PostgreSQL does not answer. What was made is taken away by the next demonstration."
                f" Run `manage.py doctor` to see why. ({str(error).strip().splitlines()[0]})"
            ) from error
        self._tell(shown, as_json=options["json"])

    def _tell(self, shown: Shown, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(orjson.dumps(dataclasses.asdict(shown), option=orjson.OPT_INDENT_2).decode())
        else:
            print_rows(shown.steps, out=self.stdout, as_json=False, title="Steps", empty="")
            print_rows(
                shown.proofs, out=self.stdout, as_json=False, title="Acknowledged against kept", empty=""
            )
            notes = shown.proofs[0].acknowledged
            self.stdout.write(
                f"{notes} notes in {shown.seconds:.1f} s through {len(shown.steps)} steps;"
                f" {len(shown.refused)} refused; {shown.reads} reads, {shown.blind_reads} without a note"
                " that had been acknowledged."
            )
        if not shown.holds:
            told = [*shown.broken, *shown.refused][:3]
            raise CommandError("The demonstration failed. " + " ".join(told))


def _shown(writers: int, notes: int, runs: int) -> Shown:
    with counting_bars(is_transient=True) as bar:
        task = bar.add_task("notes written", total=notes)
        for step in demonstrate(writers=writers, notes=notes, runs=runs):
            if isinstance(step, Shown):
                return step
            bar.update(task, completed=step.notes)
    raise AssertionError("the demonstration ends with what it showed")
