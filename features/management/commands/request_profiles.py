"""``manage.py request_profiles``: CDNOW's customers ask for their profiles, as fast as one likes."""

import json
import statistics
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from features.management.arguments import positive, speed
from features.profile_requests.priorities import priority_of
from features.services.profile_driving import Driven, request_profiles
from registry.management.bars import counting_bars


class Command(BaseCommand):
    """Asks, waits for the answers, says how long each segment waited; safe to repeat."""

    help = (
        "Have CDNOW's first customers ask for their profiles at a speed, and wait for the workers' answers."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """How many, how fast, how patient."""
        parser.add_argument(
            "--customers", type=positive, default=100, help="how many customers (default 100)"
        )
        parser.add_argument("--speed", type=speed, default="1000x", help="1000x (default), or max")
        parser.add_argument(
            "--patience",
            type=positive,
            default=60,
            help="seconds to wait for answers at the end (default 60)",
        )
        parser.add_argument("--json", action="store_true", help="the figures as JSON")

    def handle(self, **options: Any) -> None:
        """A bar on stderr, one line on stdout."""
        steps = request_profiles(
            customers=options["customers"], speed=options["speed"], patience_seconds=options["patience"]
        )
        with counting_bars() as bar:
            asked, answered = bar.add_task("Asked"), bar.add_task("Answered")
            for driven in steps:
                bar.update(asked, total=driven.total, completed=driven.asked)
                bar.update(answered, total=driven.total, completed=driven.answered)
        self.stdout.write(json.dumps(_figures(driven)) if options["json"] else _told(driven))
        if open_ := driven.total - driven.answered:
            raise CommandError(f"{open_} wait still: a worker must run; `manage.py dead_letters list`.")


def _figures(driven: Driven) -> dict[str, Any]:
    waits = {name: round(statistics.median(each), 3) for name, each in driven.waits.items()}
    return {
        "asked": driven.asked,
        "answered_at_once": driven.at_once,
        "answered_later": driven.ready,
        "median_wait_seconds": waits,
    }


def _told(driven: Driven) -> str:
    by_priority = sorted(driven.waits.items(), key=lambda each: -priority_of(each[0]))
    waits = ", ".join(f"{name} {statistics.median(each):.2f} s" for name, each in by_priority)
    return (
        f"{driven.asked} asked: {driven.at_once} answered at once (known already), {driven.ready} by the task"
        + (f" (median wait: {waits})" if waits else "")
        + "."
    )
