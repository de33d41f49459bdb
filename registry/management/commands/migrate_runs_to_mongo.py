"""``manage.py migrate_runs_to_mongo``: bodies for runs that were written without one."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from registry.exceptions import RegistryError
from registry.management.backfill_progress import last_of
from registry.management.backfill_words import Outcome, as_json, done_words, foreseen_words, trouble_of
from registry.management.tables import print_rows
from registry.sync.backfill_check import Verification, verify
from registry.sync.backfill_choice import BATCH, Choice, Foreseen, foresee
from registry.sync.backfill_runs import Migrated, migrate

MOST_SHOWN = 20
MOST_AT_ONCE = 10_000


class Command(BaseCommand):
    help = "Bring the bodies of runs to MongoDB: of those without one, made of their rows; then compare."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", metavar="DATE", help="only runs that started then or later")
        parser.add_argument("--experiment", default="", metavar="NAME", help="only runs of this experiment")
        parser.add_argument("--batch", type=int, default=BATCH, metavar="N", help=f"runs at once ({BATCH:,})")
        parser.add_argument("--again", action="store_true", help="send bodies anew that MongoDB has had, too")
        parser.add_argument("--verify-only", action="store_true", help="compare the stores, write nothing")
        parser.add_argument("--dry-run", action="store_true", help="tell what would be done, write nothing")
        parser.add_argument("--json", action="store_true", help="the outcome for programs")

    def handle(self, *args: object, **options: Any) -> None:
        choice = Choice(_moment(options["since"]), options["experiment"], options["again"])
        batch = min(max(options["batch"], 1), MOST_AT_ONCE)
        try:
            outcome = last_of(self._steps(choice, batch, options))
        except RegistryError as error:
            raise CommandError(str(error)) from error
        except (OperationalError, InterfaceError) as error:
            raise CommandError(
                "PostgreSQL does not answer. What was committed stays; the same command goes on from there."
                f" Run `manage.py doctor` to see why. ({str(error).strip().splitlines()[0]})"
            ) from error
        if options["json"]:
            self.stdout.write(orjson.dumps(as_json(outcome), option=orjson.OPT_INDENT_2).decode())
        else:
            self._tell(outcome)
        if trouble := trouble_of(outcome):
            raise CommandError(trouble)

    def _steps(self, choice: Choice, batch: int, options: dict[str, Any]) -> Iterator[Any]:
        if options["dry_run"]:
            return foresee(choice, batch=batch)
        if options["verify_only"]:
            return verify(choice.runs(), with_logs=choice.is_again, only_chosen=choice.is_narrow)
        return migrate(choice, batch=batch)

    def _tell(self, outcome: Outcome) -> None:
        if isinstance(outcome, Foreseen):
            self.stdout.write(foreseen_words(outcome))
            return
        if isinstance(outcome, Migrated):
            for run_id, reason in list(outcome.backfill.refusals.items())[:MOST_SHOWN]:
                self.stdout.write(f"{run_id}: refused. {reason}")
            self.stdout.write(done_words(outcome.backfill, outcome.runs_per_second))
        self._tell_verification(outcome.verification if isinstance(outcome, Migrated) else outcome)

    def _tell_verification(self, found: Verification) -> None:
        if found.problem:
            return
        if found.lines:
            title = "Ranges in which the stores differ"
            print_rows(found.lines, out=self.stdout, as_json=False, title=title, empty="")
        for each in found.findings[:MOST_SHOWN]:
            self.stdout.write(f"{each.place} {each.subject}: {each.kind}. {each.detail}.")
        alone = "" if found.one_by_one is None else f", {found.one_by_one:,} of the chosen runs one by one"
        self.stdout.write(
            f"{found.documents:,} documents in {found.ranges} ranges compared{alone}:"
            f" {len(found.findings):,} have come apart, {found.owed:,} are on their way."
        )


def _moment(text: str | None) -> dt.datetime | None:
    """A date or a time, in the site's time zone where it names none."""
    if text is None:
        return None
    try:
        moment = parse_datetime(text)
        day = parse_date(text) if moment is None else None
    except ValueError:
        moment = day = None
    if moment is None and day is not None:
        moment = dt.datetime.combine(day, dt.time.min)
    if moment is None:
        raise CommandError(f"{text!r} is no date. Write 2026-03-31 or 2026-03-31T12:00:00+00:00.")
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
