"""``manage.py imports``: what was imported, looked at and taken back."""

from dataclasses import dataclass
from typing import Any

import orjson
from django.core.management.base import BaseCommand, CommandError, CommandParser

from registry.acting import acting_as
from registry.enums import SagaState
from registry.exceptions import RegistryError
from registry.imports.undo import undo_import
from registry.management.tables import print_rows
from registry.models import Import

MOST = 100


@dataclass(frozen=True)
class ImportRow:
    """An import in the list."""

    id: int
    kind: str
    state: str
    runs: int
    points: int
    started_at: Any
    place: str


class Command(BaseCommand):
    help = "List imports, show one with its report, take one back with everything that it made."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        listing = actions.add_parser("list", help="the newest imports")
        listing.add_argument("--json", action="store_true")
        actions.add_parser("show", help="one with its report, as JSON").add_argument("id", type=int)
        undo = actions.add_parser("undo", help="take back everything that it made, and nothing else")
        undo.add_argument("id", type=int)
        undo.add_argument("--even-changed", action="store_true", help="also what was changed since it came")
        undo.add_argument("--yes", action="store_true", help="really do it; there is no way back")

    def handle(self, *args: object, **options: Any) -> None:
        try:
            getattr(self, f"_{options['action']}")(options)
        except RegistryError as error:
            raise CommandError(str(error)) from error

    def _list(self, options: dict[str, Any]) -> None:
        rows = [
            ImportRow(row.pk, row.kind, row.state, row.runs, row.points, row.started_at, row.place)
            for row in Import.objects.order_by("-pk")[:MOST]
        ]
        print_rows(rows, out=self.stdout, as_json=options["json"], title="Imports", empty="No imports.")

    def _show(self, options: dict[str, Any]) -> None:
        row = Import.objects.select_related("created_by").filter(pk=options["id"]).first()
        if row is None:
            raise CommandError(f"There is no import {options['id']}. See: manage.py imports list")
        names = (
            "id",
            "kind",
            "place",
            "state",
            "options",
            "runs",
            "points",
            "started_at",
            "ended_at",
            "result",
        )
        told = {name: getattr(row, name) for name in names}
        told["user"] = row.created_by.get_username() if row.created_by else None
        self.stdout.write(orjson.dumps(told, option=orjson.OPT_INDENT_2).decode())

    def _undo(self, options: dict[str, Any]) -> None:
        if not options["yes"]:
            raise CommandError("This can't be undone. Say --yes if you mean it.")
        with acting_as(channel="command"):
            saga = undo_import(options["id"], even_changed=options["even_changed"])
        if saga.state != SagaState.DONE:
            raise CommandError(
                f"It goes on by itself once the stores are there: manage.py saga show {saga.saga_id}"
            )
        self.stdout.write(f"Import {options['id']} is gone from every store.")
