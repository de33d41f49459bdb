"""``manage.py onboard_customers``: real customers through the onboarding, at a chosen speed."""

import dataclasses
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from features.management.arguments import speed
from features.models import Onboarding
from features.onboarding.applications import Application
from features.onboarding.driving import Driven, absent, drive
from features.onboarding.sources import cdnow_applications, file_applications
from features.seeding.cdnow import CdnowNotFoundError
from registry.exceptions import RegistryError
from registry.management.bars import counting_bars
from registry.management.filters import row_count

CDNOW = "cdnow"
PATIENCE_SECONDS = 60


class Command(BaseCommand):
    help = (
        "Take customers on as they joined: CDNOW's, or those of a CSV file. Safe to repeat: who is on the"
        " way or has come in is left out."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--from", dest="place", default=CDNOW, help="cdnow (the default), or a CSV file with a heading"
        )
        parser.add_argument("--limit", type=row_count, help="the first so many of them")
        parser.add_argument(
            "--speed",
            type=speed,
            default=math.inf,
            help="as 100000x: so much faster than it was; else at once",
        )
        parser.add_argument("--no-wait", action="store_true", help="do not watch them come in")
        parser.add_argument("--dry-run", action="store_true", help="only say how many would be taken on")
        parser.add_argument("--json", action="store_true", help="the summary for programs")

    def handle(self, *args: object, **options: Any) -> None:
        """Take on with a bar on stderr, then say in one line how they stand."""
        try:
            applications = absent(_applications(options["place"]))[: options["limit"]]
            if options["dry_run"]:
                self.stdout.write(f"{len(applications):,} customers would be taken on.")
                return
            began = monotonic()
            last = self._driven(applications, options)
        except (RegistryError, CdnowNotFoundError) as error:
            raise CommandError(str(error)) from error
        self._tell(last, monotonic() - began, as_json=options["json"])
        if last.is_still:
            raise CommandError(
                f"{last.on_their_way:,} are on their way, and nothing moved for {PATIENCE_SECONDS} s."
                " They are kept. Does a worker run? See: manage.py doctor"
            )
        if last.stuck:
            raise CommandError(f"{last.stuck:,} are held up by dead letters. See: manage.py onboardings list")

    def _driven(self, applications: Sequence[Application], options: dict[str, Any]) -> Driven:
        source = Onboarding.Source.CDNOW if options["place"] == CDNOW else Onboarding.Source.FILE
        return _shown(
            drive(
                applications=applications,
                source=source,
                speed=options["speed"],
                patience_seconds=0 if options["no_wait"] else PATIENCE_SECONDS,
            )
        )

    def _tell(self, last: Driven, seconds: float, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(orjson.dumps({**dataclasses.asdict(last), "seconds": seconds}).decode())
            return
        ended = f"{last.done:,} done, {last.refused:,} refused, {last.on_their_way:,} on their way"
        pace = f" ({last.done / seconds:,.0f} a second)" if last.done else ""
        self.stdout.write(f"{last.taken:,} customers taken on: {ended}, in {seconds:.1f} s{pace}.")


def _applications(place: str) -> list[Application]:
    return cdnow_applications() if place == CDNOW else file_applications(Path(place))


def _shown(steps: Iterator[Driven]) -> Driven:
    """The last step, with bars on stderr."""
    last = Driven(0)
    with counting_bars() as bar:
        taken, ended = bar.add_task("Taken on", total=None), bar.add_task("Come in", total=None)
        for last in steps:
            bar.update(taken, completed=last.taken, total=last.total)
            bar.update(ended, completed=last.taken - last.on_their_way, total=last.total)
    return last
