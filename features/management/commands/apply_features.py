"""``manage.py apply_features``: feature definitions in code brought to PostgreSQL."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from features.services.definitions import Change, Kind, apply_definitions, definition_changes
from registry.acting import acting_as
from registry.exceptions import RegistryError


class Command(BaseCommand):
    help = "Write new and changed feature definitions to PostgreSQL. Safe to run again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--plan", action="store_true", help="say what would be done, and do nothing")

    def handle(self, *args: object, **options: Any) -> None:
        try:
            with acting_as(channel="command"):
                changes = definition_changes() if options["plan"] else apply_definitions()
        except RegistryError as error:
            raise CommandError(str(error)) from error
        for change in changes:
            self.stdout.write(_told(change))
        new = sum(change.kind is not Kind.UNCHANGED for change in changes)
        done = "would change" if options["plan"] else "changed"
        self.stdout.write(f"{new} of {len(changes)} feature views {done}.")


def _told(change: Change) -> str:
    line = f"{change.name}: {change.kind}, version {change.version}"
    if change.kind is not Kind.CHANGED:
        return line
    number = f"{change.name} --version {change.version}"
    details = "; ".join(change.details)
    return f"{line} ({details}). Next: materialize --view {number}, then activate_features {number}"
