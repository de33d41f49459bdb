"""``manage.py benchmark_pages``: what the site's pages cost."""

import logging
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from analysis.benchmarks.admin.filling import Volume, fill
from analysis.benchmarks.environment import conditions
from analysis.benchmarks.own_stores import stores_of_their_own
from analysis.benchmarks.pages.browser import BrowserCost, chromium, measure_in_browser
from analysis.benchmarks.pages.filling import long_runs
from analysis.benchmarks.pages.lists import comparison_pages, list_pages
from analysis.benchmarks.pages.measuring import Asked, measure_pages, reader
from analysis.benchmarks.pages.report import PagesReport, as_json, write
from registry.management.filters import row_count
from registry.management.tables import print_rows
from registry.management.telling import tell


class Command(BaseCommand):
    help = "Compare 8 runs with long curves, and open every list, in stores of their own: time and bytes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--runs", type=row_count, default=20_000, help="of the lists (20,000)")
        parser.add_argument(
            "--points", type=row_count, default=10_000, help="of each compared curve (10,000)"
        )
        parser.add_argument("--rounds", type=row_count, default=20, help="how often each page is asked (20)")
        parser.add_argument("--no-browser", action="store_true", help="the server alone")
        parser.add_argument("--out", type=Path, help="a folder for pages.json and pages.md")
        parser.add_argument("--json", action="store_true", help="everything, for programs")

    def handle(self, *args: object, **options: Any) -> None:
        logging.getLogger("mlplatform_site.slow_queries").setLevel(logging.ERROR)
        sizes = {name: options[name] for name in ("runs", "points", "rounds")}
        with stores_of_their_own():
            report = self._report(sizes, with_browser=not options["no_browser"])
        if options["out"]:
            write(report, options["out"])
        if options["json"]:
            self.stdout.write(as_json(report).decode())
            return
        print_rows(report.pages, out=self.stdout, as_json=False, title="On the server", empty="")
        if report.browser:
            print_rows(report.browser, out=self.stdout, as_json=False, title="In Chromium", empty="")
        self.stdout.write(", ".join(f"{name} {value}" for name, value in report.conditions.items()))

    def _report(self, sizes: dict[str, int], *, with_browser: bool) -> PagesReport:
        tell(self, "Filling stores of their own")
        for _ in fill(Volume(runs=sizes["runs"], points=sizes["runs"] * 10)):
            pass
        compared = comparison_pages(long_runs(points=sizes["points"]))
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
        tell(self, "Measuring on the server")
        client = reader()
        found = sizes | conditions()
        pages = list(measure_pages(client, [*compared, *list_pages()], rounds=sizes["rounds"]))
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        browser = self._in_browser(compared, session, sizes["rounds"]) if with_browser else []
        return PagesReport(found, pages, browser)

    def _in_browser(self, compared: list[Asked], session: str, rounds: int) -> list[BrowserCost]:
        executable = chromium()
        if executable is None:
            tell(self, "Without Chromium or Playwright: nothing is measured in a browser")
            return []
        tell(self, "Measuring in Chromium")
        pages = [each for each in compared if not each.path.startswith("/compare/curves")]
        return list(measure_in_browser(executable, pages, session=session, rounds=min(rounds, 5)))
