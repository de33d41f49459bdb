"""``manage.py init_stores``: everything the stores need before the first run."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from features.online.health import check_cache, check_store
from registry.documents.collections import create_collections
from registry.documents.store import told_plainly
from registry.exceptions import StoreUnavailableError
from registry.sync.outbox import deliver_due


class Command(BaseCommand):
    help = "Migrate PostgreSQL, create MongoDB's collections and indexes, check Redis. Safe to repeat."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--skip-redis", action="store_true", help="do not ask Redis")

    def handle(self, *args: object, **options: Any) -> None:
        self.stderr.write("Migrating PostgreSQL")
        call_command("migrate", interactive=False, verbosity=0)
        try:
            with told_plainly():
                for name in create_collections():
                    self.stderr.write(f"MongoDB: {name} has its validator and indexes")
        except StoreUnavailableError as error:
            raise CommandError(f"{error.__cause__}\n{error}") from error
        delivered = deliver_due()
        if not options["skip_redis"]:
            self._check_redis()
        self.stdout.write(f"The stores are ready; {delivered} waiting effects were delivered.")

    def _check_redis(self) -> None:
        for health in (check_cache(), check_store()):
            for problem in health.problems:
                message = f"{problem.cause} {problem.cure}"
                if problem.is_fatal:
                    raise CommandError(message)
                self.stderr.write(message)
