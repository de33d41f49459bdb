"""``manage.py doctor``: what is wrong, why, and what mends it."""

import dataclasses
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mlplatform_site.health.diagnosis import Diagnosis, diagnose
from registry.store_health import Problem, StoreHealth


class Command(BaseCommand):
    help = "Ask every store how it is; for each trouble say the cause and the cure. Exits with 1 on trouble."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: object, **options: Any) -> None:
        diagnosis = diagnose()
        if options["json"]:
            self.stdout.write(_as_json(diagnosis))
        else:
            self._print(diagnosis)
        if not diagnosis.is_well:
            raise CommandError("Something wants mending: see the causes and cures above.", returncode=1)

    def _print(self, diagnosis: Diagnosis) -> None:
        for store in diagnosis.stores:
            self.stdout.write(_line(store))
            self._print_problems(store.problems)
        if diagnosis.outbox is not None:
            lag = diagnosis.outbox
            self.stdout.write(
                f"{'Outbox':15} {lag.waiting} waiting, {lag.parked} parked, oldest {lag.seconds:.1f} s"
            )
        self._print_problems(diagnosis.problems)
        if diagnosis.is_well:
            self.stdout.write(self.style.SUCCESS("All is well."))

    def _print_problems(self, problems: list[Problem] | tuple[Problem, ...]) -> None:
        for problem in problems:
            self.stdout.write(self.style.ERROR(f"  cause: {problem.cause}"))
            self.stdout.write(self.style.WARNING(f"  cure:  {problem.cure}"))


def _line(store: StoreHealth) -> str:
    if store.ping_ms is None:
        return f"{store.title:15} {store.state:8}"
    size = f"{(store.size_bytes or 0) / 1024**2:.1f} MB"
    ping = f"{store.ping_ms:6.2f} ms"
    return f"{store.title:15} {store.state:8} {ping}  {store.version:10} {size:>10}  {store.address}"


def _as_json(diagnosis: Diagnosis) -> str:
    body = dataclasses.asdict(diagnosis)
    body["is_well"] = diagnosis.is_well
    for store, found in zip(diagnosis.stores, body["stores"], strict=True):
        found["state"] = str(store.state)
    return orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()
