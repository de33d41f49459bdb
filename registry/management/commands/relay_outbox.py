"""``manage.py relay_outbox``: deliver what no writer could deliver at once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import MofNCompleteColumn, Progress

from registry.management.stopping import stop_when_told
from registry.management.telling import tell
from registry.messaging.sweeping import sweep
from registry.postgres.deadlines import within
from registry.queries.outbox import outbox_lag
from registry.services.housekeeping import clear_away
from registry.sync import relay, relay_process
from registry.sync.saga_engine import resume_due

SAGA_SECONDS = 900
SWEEP_SECONDS = 10.0


class Command(BaseCommand):
    help = "Apply waiting effects to MongoDB, Redis, the broker and the artifact store until told to stop."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="deliver everything that waits, then end")
        parser.add_argument("--retry-parked", action="store_true", help="make parked effects due again first")

    def handle(self, *args: object, **options: Any) -> None:
        if options["retry_parked"]:
            self.stdout.write(f"{relay.retry_parked()} parked effects are due again.")
        if options["once"] or options["retry_parked"]:
            self._once()
        else:
            self._until_stopped()

    def _once(self) -> None:
        lag = outbox_lag()
        with Progress(
            *Progress.get_default_columns(), MofNCompleteColumn(), console=Console(stderr=True)
        ) as bar:
            task = bar.add_task("Delivering", total=lag.waiting)
            taken = relay.drain(lambda count: bar.advance(task, count))
        left = outbox_lag()
        self.stdout.write(f"{taken} effects delivered, {left.waiting} waiting, {left.parked} parked.")
        if left.waiting or left.parked:
            raise CommandError("Not everything could be delivered. See the causes with: manage.py doctor")
        while resume_due():
            tell(self, "A saga was taken on.")

    def _until_stopped(self) -> None:
        stop = stop_when_told()
        tell(self, "Relaying; Ctrl-C ends it.")
        extra = {
            "Sagas": (resume_in_peace, 1.0),
            "Housekeeping": (clear_away_quietly, 600.0),
            "Sweep": (sweep_quietly, SWEEP_SECONDS),
        }
        relay_process.run(stop, extra)
        tell(self, "The relay has ended.")


def resume_in_peace() -> int:
    """Take on a saga, whose steps may take their time."""
    with within(SAGA_SECONDS):
        return resume_due()


def clear_away_quietly() -> int:
    """Housekeeping as a step that is never repeated at once."""
    clear_away()
    return 0


def sweep_quietly() -> int:
    """Owe again what the broker lost, never at once a second time."""
    sweep()
    return 0
