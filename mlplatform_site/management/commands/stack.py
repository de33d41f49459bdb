"""``manage.py stack``: the embedded servers."""

import argparse
from functools import partial
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mlplatform_site.stack import lifecycle
from mlplatform_site.stack.errors import StackError
from registry.management.telling import tell

SERVERS = [server.name for server in lifecycle.SERVERS]


class Command(BaseCommand):
    help = "Start, stop and look at the embedded PostgreSQL, MongoDB and Redis servers."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="start|stop|status|logs|reset")
        actions.add_parser("start", help="start the servers and wait until they are ready")
        stop = actions.add_parser("stop", help="stop the servers, or one of them; start brings it back")
        stop.add_argument("server", nargs="?", metavar="SERVER", choices=SERVERS, help=", ".join(SERVERS))
        actions.add_parser("status", help="how each server stands; exits with 1 unless all run")
        logs = actions.add_parser("logs", help="the last lines of a server's log")
        logs.add_argument("server", nargs="?", default="supervisord")
        logs.add_argument("-n", "--lines", type=int, default=40)
        reset = actions.add_parser("reset", help="stop the servers and delete all their data")
        reset.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: object, **options: Any) -> None:
        try:
            getattr(self, f"_{options['action']}")(argparse.Namespace(**options))
        except StackError as error:
            raise CommandError(str(error)) from error

    def _start(self, _options: argparse.Namespace) -> None:
        result = lifecycle.start(report=partial(tell, self))
        done = "Started" if result.started else "Already running"
        self.stdout.write(f"{done}: {len(result.urls)} servers, {result.seconds:.1f} s.")

    def _stop(self, options: argparse.Namespace) -> None:
        if not options.server:
            self.stdout.write("Stopped." if lifecycle.stop() else "Nothing was running.")
        elif lifecycle.stop_one(options.server):
            self.stdout.write(f"Stopped {options.server}. Bring it back: manage.py stack start")
        else:
            self.stdout.write(f"{options.server} was stopped already.")

    def _status(self, _options: argparse.Namespace) -> None:
        found = lifecycle.status()
        for each in found:
            where = f"127.0.0.1:{each.port}" if each.port else ""
            where = "by its URL" if each.state == "EXTERNAL" else where
            pid = f"pid {each.pid}, up {each.uptime_seconds:.0f} s" if each.pid else ""
            self.stdout.write(f"{each.title:15} {each.state:9} {where:18} {pid}".rstrip())
        if not all(each.is_well for each in found):
            raise CommandError("Not every server runs. Start them: manage.py stack start", returncode=1)

    def _logs(self, options: argparse.Namespace) -> None:
        self.stdout.write(lifecycle.logs(options.server, options.lines))

    def _reset(self, options: argparse.Namespace) -> None:
        if not options.yes:
            answer = input("This deletes every run, body and feature of the embedded stack. Type 'yes': ")
            if answer != "yes":
                raise CommandError("Nothing was deleted.")
        lifecycle.reset()
        self.stdout.write("The stack is stopped and its data is gone.")
