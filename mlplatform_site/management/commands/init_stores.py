"""``manage.py init_stores``: everything the stores need before the first run."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from features.online.health import check_cache, check_store
from features.services.boards import build_missing_boards
from features.services.refilling import refill
from registry.documents.collections import create_collections
from registry.documents.health import check_mongodb
from registry.documents.store import told_plainly
from registry.exceptions import RegistryError, StoreUnavailableError
from registry.management.telling import tell
from registry.queries.postgres_health import check_postgres
from registry.store_health import StoreHealth
from registry.sync.reconcile.upgrade import keep_older_bodies
from registry.sync.relay import drain


class Command(BaseCommand):
    help = "Migrate PostgreSQL, create MongoDB's collections and indexes, check Redis. Safe to repeat."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--skip-redis", action="store_true", help="do not ask Redis")

    def handle(self, *args: object, **options: Any) -> None:
        self._check(check_postgres())
        tell(self, "Migrating PostgreSQL")
        call_command("migrate", interactive=False, verbosity=0)
        try:
            with told_plainly():
                for name in create_collections():
                    tell(self, f"MongoDB: {name} has its validator and indexes")
        except StoreUnavailableError as error:
            self._check(check_mongodb())
            raise CommandError(f"{error.__cause__}\n{error}") from error
        try:
            if copied := keep_older_bodies():
                tell(self, f"PostgreSQL: {copied} bodies of an older release are kept now")
        except StoreUnavailableError as error:
            raise CommandError(str(error)) from error
        delivered = drain()
        if not options["skip_redis"]:
            self._check(check_cache())
            self._check(check_store())
            self._build_boards()
            self._refill()
        self.stdout.write(f"The stores are ready; {delivered} waiting effects were delivered.")

    def _build_boards(self) -> None:
        try:
            if placed := build_missing_boards():
                tell(self, f"Redis: {placed:,} runs put on the leaderboards")
        except StoreUnavailableError as error:
            raise CommandError(str(error)) from error

    def _refill(self) -> None:
        try:
            if brought := refill():
                tell(self, f"Redis: the features of {brought:,} entities brought")
        except StoreUnavailableError as error:
            raise CommandError(str(error)) from error
        except RegistryError as error:
            tell(self, f"{error} Until `manage.py materialize` is through, PostgreSQL serves features.")

    def _check(self, health: StoreHealth) -> None:
        """Go on past a warning, end with the cause and the cure of anything worse."""
        for problem in health.problems:
            message = f"{problem.cause}\n{problem.cure}"
            if problem.is_fatal:
                raise CommandError(message)
            self.stderr.write(message, self.style.WARNING)
