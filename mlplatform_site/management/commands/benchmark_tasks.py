"""``manage.py benchmark_tasks``: how many tasks a second, and how long one takes, on both brokers."""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis.benchmarks.environment import conditions
from mlplatform_site.benchmark.messaging import report
from mlplatform_site.benchmark.messaging.measuring import TaskFigures, measure
from mlplatform_site.benchmark.private import run_inside, say, stop_in_order
from mlplatform_site.stack import endpoints, rabbitmq
from mlplatform_site.stack.errors import StackError
from registry.management.filters import row_count


class Command(BaseCommand):
    help = "Measure tasks over Redis and, where it is installed, RabbitMQ, on a private stack."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tasks", type=row_count, default=2_000, help="waiting at once (2,000)")
        parser.add_argument("--latencies", type=row_count, default=200, help="one at a time (200)")
        parser.add_argument("--out", type=Path, help="folder for tasks.json and tasks.md")
        parser.add_argument("--json", action="store_true", help="for programs")
        parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)

    def handle(self, *args: object, **options: Any) -> None:
        stop_in_order()
        if not options["inside"]:
            run_inside("bench-tasks-")
            return
        call_command("init_stores", stdout=self.stderr)
        under = {"tasks": options["tasks"], "processes": settings.WORKER_PROCESSES, **conditions()}
        try:
            found = list(self._measured(options["tasks"], options["latencies"]))
        except RuntimeError as error:
            raise CommandError(str(error)) from error
        if options["out"]:
            report.write(found, under, options["out"])
        self.stdout.write(report.as_json(found, under).decode() if options["json"] else report.as_text(found))

    def _measured(self, tasks: int, latencies: int) -> Iterator[TaskFigures]:
        log = endpoints.stack_dir() / "measured.log"
        say("Redis")
        yield measure("Redis", settings.REDIS_STORE_URL, tasks=tasks, latencies=latencies, log=log)
        try:
            rabbitmq.package()
        except StackError as error:
            say(str(error))
            return
        say("RabbitMQ")
        with rabbitmq.RabbitNode(endpoints.stack_dir() / "rabbitmq") as node:
            yield measure("RabbitMQ", node.url, tasks=tasks, latencies=latencies, log=log)
