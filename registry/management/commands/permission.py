"""``manage.py permission``: levels of users in experiments."""

from dataclasses import dataclass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from registry.exceptions import NotFoundError, RegistryError
from registry.management.tables import print_rows
from registry.models import Experiment, ExperimentPermission
from registry.queries.users import user_named
from registry.services.permissions import grant_permission, revoke_permission

LEVELS = ExperimentPermission.Level.values


@dataclass(frozen=True)
class PermissionRow:
    """A user's level in an experiment."""

    experiment: str
    user: str
    level: str


class Command(BaseCommand):
    help = "Grant, revoke and list what users may do in experiments."

    def add_arguments(self, parser: CommandParser) -> None:
        kinds = parser.add_subparsers(dest="kind", required=True)
        grant = kinds.add_parser("grant", help="give a user a level; it replaces the one they have")
        grant.add_argument("experiment", metavar="EXPERIMENT")
        grant.add_argument("user", metavar="USER")
        grant.add_argument("level", choices=LEVELS, metavar="LEVEL", help=", ".join(LEVELS))
        revoke = kinds.add_parser("revoke", help="take a user's level back: the default holds again")
        revoke.add_argument("experiment", metavar="EXPERIMENT")
        revoke.add_argument("user", metavar="USER")
        listing = kinds.add_parser("list", help="the levels that were granted")
        listing.add_argument("--experiment")
        listing.add_argument("--user")
        listing.add_argument("--json", action="store_true")

    def handle(self, *args: object, **options: Any) -> None:
        try:
            getattr(self, f"_{options['kind']}")(options)
        except RegistryError as error:
            raise CommandError(str(error)) from error

    def _grant(self, options: dict[str, Any]) -> None:
        experiment, user = _experiment(options["experiment"]), user_named(options["user"])
        grant_permission(experiment=experiment, user=user, level=options["level"], by=None)
        self.stdout.write(f"{user} has {options['level']} in {experiment}.")

    def _revoke(self, options: dict[str, Any]) -> None:
        experiment, user = _experiment(options["experiment"]), user_named(options["user"])
        revoke_permission(experiment=experiment, user=user, by=None)
        self.stdout.write(f"{user} has the default level in {experiment} again.")

    def _list(self, options: dict[str, Any]) -> None:
        rows = ExperimentPermission.objects.order_by("experiment__name", "user__username")
        if options["experiment"]:
            rows = rows.filter(experiment=_experiment(options["experiment"]))
        if options["user"]:
            rows = rows.filter(user=user_named(options["user"]))
        found = rows.values_list("experiment__name", "user__username", "level")
        print_rows(
            [PermissionRow(*row) for row in found],
            out=self.stdout,
            as_json=options["json"],
            title="Permissions",
            empty="Nobody was granted a level. Grant one: manage.py permission grant EXPERIMENT USER LEVEL",
        )


def _experiment(name: str) -> Experiment:
    experiment = Experiment.objects.filter(name=name).first()
    if experiment is None:
        raise NotFoundError(f"There is no experiment named {name!r}.")
    return experiment
