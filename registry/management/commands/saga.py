"""``manage.py saga``: operations of several steps, looked at and taken on by hand."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from registry.enums import SagaState
from registry.exceptions import RegistryError
from registry.models import Saga
from registry.sync import saga_engine

MOST = 50


class Command(BaseCommand):
    help = "List sagas, show one with its steps, resume one that is stuck, abort one before its pivot."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        listing = actions.add_parser("list", help="the newest sagas")
        listing.add_argument("--state", choices=SagaState.values, help="only these")
        for name, words in (
            ("show", "one saga with its steps"),
            ("resume", "take one on at once"),
            ("abort", "undo one that has not passed its point of no return"),
        ):
            actions.add_parser(name, help=words).add_argument("saga_id")

    def handle(self, *args: object, **options: Any) -> None:
        if options["action"] == "list":
            self._list(options["state"])
            return
        try:
            self._one(options["action"], options["saga_id"])
        except RegistryError as error:
            raise CommandError(str(error)) from error

    def _list(self, state: str | None) -> None:
        sagas = Saga.objects.filter(state=state) if state else Saga.objects.all()
        for saga in sagas[:MOST]:
            self.stdout.write(_line(saga))
        self.stdout.write(f"{sagas.count()} sagas.")

    def _one(self, action: str, saga_id: str) -> None:
        doing = {"show": saga_engine.find_saga, "resume": saga_engine.resume, "abort": saga_engine.abort}
        saga = doing[action](saga_id)
        self.stdout.write(_line(saga))
        for step in saga.steps.all():
            line = f"  {step.position + 1}. {step.name:10} {step.state:12} {step.last_error}"
            self.stdout.write(line.rstrip())
        if saga.last_error:
            self.stdout.write(f"  last error: {saga.last_error}")


def _line(saga: Saga) -> str:
    began = f"{saga.created_at:%Y-%m-%d %H:%M}"
    return f"{saga.saga_id}  {saga.kind:20} {saga.state:12} {saga.aggregate_id}  {began}"
