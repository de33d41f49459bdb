"""``manage.py purge``: delete a run, an experiment or a dataset for good, from every store."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from registry.enums import SagaState
from registry.exceptions import RegistryError
from registry.models import Saga
from registry.services import purges


class Command(BaseCommand):
    help = "Delete a run, an experiment or a dataset for good, with everything of theirs in every store."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("noun", choices=["run", "experiment", "dataset"])
        parser.add_argument("id", help="the run's or experiment's id, or the dataset's name")
        parser.add_argument("--with-runs", action="store_true", help="a dataset's runs, too")
        parser.add_argument("--yes", action="store_true", help="really do it; there is no way back")

    def handle(self, *args: object, **options: Any) -> None:
        if not options["yes"]:
            raise CommandError("This can't be undone. Say --yes if you mean it.")
        try:
            saga = _purge(options)
        except RegistryError as error:
            raise CommandError(str(error)) from error
        if saga.state != SagaState.DONE:
            raise CommandError(
                f"The purge goes on by itself once its stores are there: manage.py saga show {saga.saga_id}"
            )
        self.stdout.write(f"The {options['noun']} {options['id']} is gone from every store.")


def _purge(options: dict[str, Any]) -> Saga:
    if options["noun"] == "run":
        return purges.purge_run(run_id=options["id"])
    if options["noun"] == "experiment":
        return purges.purge_experiment(experiment_id=options["id"])
    return purges.purge_dataset(name=options["id"], with_runs=options["with_runs"])
