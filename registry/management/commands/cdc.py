"""``manage.py cdc``: change capture, what PostgreSQL commits brought to other stores."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import orjson
import psycopg2
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, InterfaceError

from registry.exceptions import ConflictError
from registry.management.stopping import stop_when_told
from registry.management.tables import print_rows
from registry.management.telling import tell
from registry.sync.capture import runner
from registry.sync.capture.consumers import CONSUMERS, Consumer
from registry.sync.capture.messages import CaptureError
from registry.sync.capture.status import capture_statuses
from registry.sync.targets import TargetUnavailableError

CURE = "See the causes with: manage.py doctor"


class Command(BaseCommand):
    help = "Follow PostgreSQL's log by logical replication: run consumers, see their lag, begin anew."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        run = actions.add_parser("run", help="apply changes until told to stop")
        run.add_argument("--once", action="store_true", help="apply what is committed by now, then end")
        status = actions.add_parser("status", help="lag, what was applied, room left")
        reset = actions.add_parser("reset", help="drop slot and position; the next run takes a snapshot")
        for action in (run, status, reset):
            action.add_argument("--consumer", choices=sorted(CONSUMERS), help="this one alone")
            action.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: object, **options: Any) -> None:
        chosen = [CONSUMERS[options["consumer"]]] if options["consumer"] else list(CONSUMERS.values())
        try:
            if options["action"] == "status":
                self._status(chosen, as_json=options["json"])
            elif options["action"] == "reset":
                self._reset(chosen, as_json=options["json"])
            elif options["once"]:
                self._once(chosen, as_json=options["json"])
            else:
                self._until_stopped(chosen)
        except psycopg2.errors.ObjectInUse as error:
            raise CommandError(
                f"Another process is reading it: {_plain(error)} End that one first."
            ) from error
        except (CaptureError, ConflictError) as error:
            raise CommandError(str(error)) from error
        except (TargetUnavailableError, DatabaseError, InterfaceError, psycopg2.Error) as error:
            raise CommandError(f"{_plain(error)} {CURE}") from error

    def _until_stopped(self, chosen: Sequence[Consumer]) -> None:
        stop = stop_when_told()
        tell(self, f"Following for {', '.join(each.title for each in chosen)}; Ctrl-C ends it.")
        runner.run(chosen, stop)
        tell(self, "Change capture has ended.")

    def _once(self, chosen: Sequence[Consumer], *, as_json: bool) -> None:
        applied = [runner.catch_up(consumer) for consumer in chosen]
        if as_json:
            self.stdout.write(orjson.dumps([dataclasses.asdict(each) for each in applied]).decode())
            return
        for each in applied:
            self.stdout.write(f"{each.consumer}: {each.transactions} transactions, {each.rows} rows applied.")

    def _status(self, chosen: Sequence[Consumer], *, as_json: bool) -> None:
        names = {each.name for each in chosen}
        rows = [row for row in capture_statuses() if row.consumer in names]
        print_rows(rows, out=self.stdout, as_json=as_json, title="Change capture", empty="Nobody consumes.")
        if any(row.state in ("lost", "missing") for row in rows):
            raise CommandError("Changes are missing; the cure is in each line.")

    def _reset(self, chosen: Sequence[Consumer], *, as_json: bool) -> None:
        dropped = {consumer.name: runner.reset(consumer) for consumer in chosen}
        if as_json:
            self.stdout.write(orjson.dumps(dropped).decode())
            return
        for name, was_there in dropped.items():
            what = "slot and position dropped" if was_there else "there was no slot"
            self.stdout.write(f"{name}: {what}; the next run begins with a snapshot.")


def _plain(error: BaseException) -> str:
    words = " ".join(str(error).split())[:300]
    return words if words.endswith(".") else f"{words}."
