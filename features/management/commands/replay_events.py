"""``manage.py replay_events``: CDNOW's sign-ups and purchases as events, at a chosen speed."""

import datetime as dt
import time
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error

from features.activity.replay import Replayed, replay
from features.activity.rules import add_standard_rules
from features.management.arguments import speed
from registry.exceptions import RegistryError
from registry.management.bars import counting_bars
from registry.management.filters import row_count
from registry.management.moments import moment


class Command(BaseCommand):
    help = "Send CDNOW's sign-ups and purchases as events; what was sent before is passed over."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--speed",
            type=speed,
            default="100000x",
            metavar="N",
            help="times as fast as it was, or max (100000x)",
        )
        parser.add_argument("--since", type=moment, metavar="TIME", help="purchases from this day on")
        parser.add_argument("--until", type=moment, metavar="TIME", help="purchases before this day")
        parser.add_argument("--limit", type=row_count, metavar="N", help="at most so many events")
        parser.add_argument("--dry-run", action="store_true", help="only say how many there are")
        parser.add_argument("--json", action="store_true", help="a JSON object, for programs")

    def handle(self, *args: object, **options: Any) -> None:
        began = time.perf_counter()
        try:
            rules = 0 if options["dry_run"] else add_standard_rules()
            last = self._followed(options)
        except (RegistryError, Error) as error:
            cause = str(error).strip().partition("\n")[0]
            raise CommandError(
                f"{cause} What was sent stays sent; say it again to go on."
                " Run `manage.py doctor` where a store does not answer."
            ) from error
        seconds = time.perf_counter() - began
        if options["json"]:
            told = {"total": last.total, "new": last.new, "known": last.known, "messages": last.batches}
            self.stdout.write(orjson.dumps(told | {"rules": rules, "seconds": round(seconds, 3)}).decode())
        elif options["dry_run"]:
            self.stdout.write(f"{last.total:,} events would be sent.")
        else:
            self.stdout.write(
                f"Sent {last.new:,} events in {last.batches:,} messages, {last.known:,} were known,"
                f" in {seconds:.1f} s ({last.done / seconds:,.0f} a second)."
            )

    def _followed(self, options: dict[str, Any]) -> Replayed:
        """The last state, with a bar on stderr that shows the events' clock."""
        steps = replay(
            speed=options["speed"],
            since=options["since"],
            until=options["until"],
            limit=options["limit"],
            is_dry=options["dry_run"],
        )
        with counting_bars(is_transient=True) as bar:
            task = bar.add_task("Events")
            for last in steps:
                bar.update(task, completed=last.done, total=last.total, description=_clock(last.at))
        if not last.total:
            raise CommandError("There are no purchases then. Run: manage.py seed_demo --only customers")
        return last


def _clock(at: dt.datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else "Events"
