"""``manage.py benchmark_live``: what pages that follow cost the API, and how soon they show."""

import argparse
import dataclasses
import json
import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis.benchmarks.environment import conditions
from mlplatform_site.benchmark.live.browser import epochs_in_a_browser
from mlplatform_site.benchmark.live.measuring import measure, session_cookie, telling
from mlplatform_site.benchmark.our_server import OurServer
from mlplatform_site.benchmark.private import run_inside, say, stop_in_order
from mlplatform_site.demo.children import ChildError
from mlplatform_site.demo.preparation import prepare
from mlplatform_site.stack import endpoints
from registry.management.filters import row_count


class Command(BaseCommand):
    help = "Log metrics with and without open pages, on a private stack; watch epochs in a browser."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--watchers", type=row_count, default=50)
        parser.add_argument("--seconds", type=row_count, default=10, help="of each round")
        parser.add_argument("--rounds", type=row_count, default=3)
        parser.add_argument("--chromium", help="also measure in this browser (needs Playwright)")
        parser.add_argument("--pictures", type=Path, help="folder for pictures of the page")
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)

    def handle(self, *args: object, **options: Any) -> None:
        stop_in_order()
        if not options["inside"]:
            run_inside("bench-live-")
            return
        try:
            body = self._measure(options)
        except (ChildError, RuntimeError) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(body, indent=2))
            return
        self.stdout.write(json.dumps(body["conditions"]))
        for line in body["lines"] + body["browser"]:
            self.stdout.write(", ".join(f"{name} {value}" for name, value in line.items()))

    def _measure(self, options: dict[str, Any]) -> dict[str, Any]:
        token = prepare(say, is_seeded=False).token
        folder = endpoints.stack_dir()
        database = json.loads((folder / "env.json").read_text())["DATABASE_URL"]
        with OurServer(token=token, database=database, folder=folder) as server:
            url = server.address.url
            lines = list(
                measure(
                    url, token, watchers=options["watchers"], seconds=options["seconds"],
                    rounds=options["rounds"], say=say,
                )
            )  # fmt: skip
            say("Logging in this process, with and without bells")
            told = telling()
            seen = []
            for pause in (1.0, 0.3) if options["chromium"] else ():
                say(f"50 epochs in a browser, one each {pause} s")
                os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in this thread
                seen.append(
                    epochs_in_a_browser(
                        url, session_cookie(), chromium=options["chromium"], epochs=50, pause=pause,
                        pictures=options["pictures"] if pause == 1.0 else None,
                    )
                )  # fmt: skip
        return {
            "conditions": conditions(),
            "lines": [*(dataclasses.asdict(each) for each in lines), dataclasses.asdict(told)],
            "browser": [dataclasses.asdict(each) for each in seen],
        }
