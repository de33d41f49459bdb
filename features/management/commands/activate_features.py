"""``manage.py activate_features``: have another version of a feature view serve."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from features.management.arguments import VersionedCommand
from features.services.activation import activate_view
from registry.acting import acting_as
from registry.exceptions import RegistryError


class Command(VersionedCommand):
    help = "Have a version of a feature view serve, once it is materialised."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("view", help="the view's name")
        parser.add_argument("--version", type=int, required=True, metavar="N", help="the version that serves")
        parser.add_argument(
            "--force", action="store_true", help="although it is not materialised as far as the active one"
        )

    def handle(self, *args: object, **options: Any) -> None:
        try:
            with acting_as(channel="command"):
                view = activate_view(name=options["view"], version=options["version"], force=options["force"])
        except RegistryError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{view.name} serves version {view.version}.")
