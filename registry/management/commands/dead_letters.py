"""``manage.py dead_letters``: what nobody tries any more; look at it, owe it again, or drop it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import Progress

from registry.acting import acting_as
from registry.exceptions import RegistryError
from registry.management.tables import print_rows
from registry.messaging import dead_letters
from registry.messaging.bodies import readable
from registry.messaging.dead_letters import Choice
from registry.models import Delivery

MOST_ROWS = 200


@dataclass(frozen=True)
class Row:
    """A dead letter in one line."""

    message_id: str
    name: str
    queue: str
    attempts: int
    died_at: dt.datetime
    reason: str


class Command(BaseCommand):
    help = "List, show, replay or drop dead letters: messages that failed for good."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=("list", "show", "replay", "drop"))
        parser.add_argument("--queue", default="", help="only of this queue")
        parser.add_argument("--name", default="", help="only of this task or kind")
        parser.add_argument("--id", default="", help="only this message")
        parser.add_argument("--all", action="store_true", help="replay or drop whatever there is")
        parser.add_argument("--dry-run", action="store_true", help="say how many, change nothing")
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: object, **options: Any) -> None:
        choice = Choice(queue=options["queue"], name=options["name"], message_id=options["id"])
        action = options["action"]
        try:
            if action == "list":
                self._list(choice, as_json=options["json"])
            elif action == "show":
                self._show(options["id"])
            elif choice == Choice() and not options["all"]:
                raise CommandError(f"Say which to {action}: --queue, --name, --id, or --all.")
            else:
                self._change(action, choice, is_trial=options["dry_run"])
        except RegistryError as error:
            raise CommandError(str(error)) from error

    def _list(self, choice: Choice, *, as_json: bool) -> None:
        rows = choice.rows()
        shown = [_row(each) for each in rows.reverse()[:MOST_ROWS]]
        print_rows(shown, out=self.stdout, as_json=as_json, title="Dead letters", empty="No dead letters.")
        if not as_json and len(shown) == MOST_ROWS:
            self.stdout.write(f"The newest {MOST_ROWS} of {rows.count()}.")

    def _show(self, message_id: str) -> None:
        found = dead_letters.dead_letter(message_id)
        message = found[0].message
        self.stdout.write(
            f"{message.name} {message.message_id}, promised {message.created_at:%Y-%m-%d %H:%M:%S}"
        )
        self.stdout.write(
            f"exchange {message.exchange}, routing key {message.routing_key}, {message.headers}"
        )
        for each in found:
            self.stdout.write(f"{each.queue}: begun {each.attempts} times. {each.reason}")
            if each.last_error:
                self.stdout.write(f"  {each.last_error}")
        self.stdout.write(readable(message.body, message.encoding))

    def _change(self, action: str, choice: Choice, *, is_trial: bool) -> None:
        total = choice.rows().count()
        if is_trial:
            self.stdout.write(f"{total} dead letters would be {_done(action)}.")
            return
        change = dead_letters.replay if action == "replay" else dead_letters.drop
        changed = 0
        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(action.capitalize(), total=total)
            with acting_as(channel="command"):
                for count in change(choice):
                    changed += count
                    bar.advance(task, count)
        self.stdout.write(f"{changed} dead letters {_done(action)}.")
        if changed < total:
            raise CommandError(f"{total - changed} were left: somebody else's, or changed meanwhile.")


def _done(action: str) -> str:
    return "replayed" if action == "replay" else "dropped"


def _row(each: Delivery) -> Row:
    message, died_at = each.message, each.finished_at
    assert died_at is not None, "a constraint says so"  # noqa: S101
    return Row(message.message_id, message.name, each.queue, each.attempts, died_at, each.reason[:200])
