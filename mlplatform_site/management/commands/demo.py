"""``manage.py demo`` (``make demo``): a live site full of real runs."""

import signal
import sys
import time
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from mlplatform_site.demo import banner, children, stores, web
from mlplatform_site.demo.preparation import prepare
from mlplatform_site.stack import endpoints, lifecycle
from mlplatform_site.stack.errors import StackError


class Command(BaseCommand):
    help = "Start the stores, seed real runs, serve the site on loopback. Ctrl-C stops what it started."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, help="default: 8000, or the next that is free")
        parser.add_argument("--no-seed", action="store_true", help="serve what is there, seed nothing")

    def handle(self, *args: object, **options: Any) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):  # a background job begins with SIGINT ignored
            signal.signal(number, _as_interrupt)
        is_owner = False
        try:
            port = web.choose_port(options["port"])
            is_owner = stores.start(_say)
            self._serve(port, is_seeded=not options["no_seed"])
        except KeyboardInterrupt:
            _say("Stopping")
        except (web.PortTakenError, StackError, children.ChildError) as error:
            raise CommandError(str(error)) from error
        finally:
            if is_owner:
                lifecycle.stop()
                _say("The stores are stopped; their data stays.")

    def _serve(self, port: int, *, is_seeded: bool) -> None:
        began = time.monotonic()
        access = prepare(_say, is_seeded=is_seeded)
        logs = endpoints.stack_dir() / "log"
        with (
            children.relay(log=logs / "relay.log") as relay,
            web.WebServer(port, log=logs / "web.log") as site,
            # after the site: they take seconds to start, and nobody waits for them
            children.worker(log=logs / "worker.log") as worker,
            children.consumer(log=logs / "consumer.log") as consumer,
        ):
            banner.show(Console(), site.url, access, time.monotonic() - began)
            children.wait(site, relay, worker, consumer)


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
