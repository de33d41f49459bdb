"""``manage.py onboardings``: how new customers come in, and taking on those that are held up."""

from dataclasses import dataclass
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from features.models import Onboarding
from features.onboarding.retrying import retry_stuck
from features.queries.onboardings import (
    STUCK,
    onboarding_figures,
    onboarding_story,
    onboarding_with_id,
    stuck_onboardings,
)
from features.views.customers import story_json
from registry.acting import acting_as
from registry.exceptions import RegistryError
from registry.management.filters import row_count
from registry.management.tables import print_records, print_rows

USUAL = 20


@dataclass(frozen=True)
class Line:
    """An onboarding in the list."""

    onboarding_id: str
    customer_id: str
    name: str
    city: str
    state: str
    created_at: str
    reason: str


class Command(BaseCommand):
    help = "List onboardings, show one with its steps, or try those again that are held up."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        listing = actions.add_parser("list", help="the newest, and all in figures")
        listing.add_argument("--state", choices=[*Onboarding.State.values, STUCK], help="only these")
        listing.add_argument("--limit", type=row_count, default=USUAL, help=f"how many at most ({USUAL})")
        show = actions.add_parser("show", help="one with its steps")
        retry = actions.add_parser("retry", help="try the step again that nobody tries any more")
        for action in (show, retry):
            action.add_argument("onboarding_id", nargs="?" if action is retry else None)
        retry.add_argument("--all", action="store_true", help="of every onboarding that is held up")
        for action in (listing, show):
            action.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: object, **options: Any) -> None:
        try:
            getattr(self, f"_{options['action']}")(options)
        except RegistryError as error:
            raise CommandError(str(error)) from error

    def _list(self, options: dict[str, Any]) -> None:
        stuck = stuck_onboardings()
        rows = Onboarding.objects.select_related("city").order_by("-pk")
        if options["state"] == STUCK:
            rows = rows.filter(pk__in=stuck)
        elif options["state"]:
            rows = rows.filter(state=options["state"]).exclude(pk__in=stuck)
        lines = [_line(each, is_stuck=each.pk in stuck) for each in rows[: options["limit"]]]
        print_rows(
            lines, out=self.stdout, as_json=options["json"], title="Onboardings, newest first",
            empty="There is no such onboarding.",
        )  # fmt: skip
        if not options["json"]:
            found = onboarding_figures(newest=0)
            self.stdout.write(
                f"{found.total:,} onboardings: {found.done:,} done, {found.running:,} on their way,"
                f" {found.stuck:,} held up, {found.refused:,} refused."
            )

    def _show(self, options: dict[str, Any]) -> None:
        story = onboarding_story(options["onboarding_id"])
        if options["json"]:
            self.stdout.write(orjson.dumps(story_json(story), option=orjson.OPT_INDENT_2).decode())
            return
        steps = [
            {
                "step": each.title,
                "state": each.state,
                "attempts": each.attempts,
                "seconds": each.seconds,
                "problem": each.problem,
            }
            for each in story.steps
        ]
        title = f"{story.name} ({story.customer_id}), {story.city}, {story.country}: {story.state}"
        print_records(steps, out=self.stdout, as_json=False, title=title, empty="")
        if story.reason:
            self.stdout.write(story.reason)

    def _retry(self, options: dict[str, Any]) -> None:
        if bool(options["onboarding_id"]) == options["all"]:
            raise CommandError("Say which: an onboarding's id, or --all.")
        chosen = None if options["all"] else onboarding_with_id(options["onboarding_id"])
        with acting_as(channel="command"):
            count = retry_stuck(chosen)
        self.stdout.write(f"{count:,} onboardings go on where they were held up.")


def _line(onboarding: Onboarding, *, is_stuck: bool) -> Line:
    return Line(
        onboarding_id=str(onboarding.onboarding_id),
        customer_id=onboarding.customer_id,
        name=onboarding.name,
        city=f"{_city(onboarding)}, {onboarding.country_code}",
        state=STUCK if is_stuck else onboarding.state,
        created_at=f"{onboarding.created_at:%Y-%m-%d %H:%M:%S}",
        reason=onboarding.reason,
    )


def _city(onboarding: Onboarding) -> str:
    """As it was found, with the name that was given where that is another."""
    given = onboarding.city_name
    if onboarding.city is None or onboarding.city.name == given:
        return given
    return f"{onboarding.city.name} (given as {given})"
