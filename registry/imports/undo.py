"""Taking an import back: everything that it made, and nothing else, from every store.

A saga of three steps, as the other purges: ``close`` (nothing new comes in), ``purge`` (a batch a
transaction; from the first batch on there is no way back), ``deliver`` (the other stores have followed).
"""

import datetime as dt

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from registry.enums import ImportState, Lifecycle
from registry.exceptions import ConflictError, NotFoundError
from registry.models import Deployment, Import, Saga
from registry.services.purges import bury_experiment, delivered, last_effect
from registry.sync import saga_engine
from registry.sync.audit import record
from registry.sync.purge_rows import purge_logged_models, purge_runs
from registry.sync.saga_kinds import AGAIN, SagaKind, Step, declare

from .built_on import refuse_built_on
from .made import datasets_of, experiments_of, logged_models_of, registered_models_of, runs_of

BATCH = 50
SECONDS = 600


def undo_import(import_id: int, *, user: User | None = None, even_changed: bool = False) -> Saga:
    """Take an import back.

    Args:
        even_changed: also what somebody has changed since it came.

    Returns:
        The saga; done, or still running where a store is away.

    Raises:
        NotFoundError: there is no such import.
        ConflictError: it is taken back already, or somebody has built on it; says what.
    """
    with transaction.atomic():
        row = _live(import_id)
        refuse_built_on(row, even_changed=even_changed)
        data = {"even_changed": even_changed}
        saga = saga_engine.begin(UNDO, aggregate_id=str(import_id), data=data, user=user)
    return saga_engine.advance(saga.saga_id)


def _locked(import_id: int | str) -> Import:
    row = Import.objects.select_for_update(of=("self",)).filter(pk=import_id).first()
    if row is None:
        raise NotFoundError(f"There is no import {import_id}. See: manage.py imports list")
    return row


def _live(import_id: int | str) -> Import:
    row = _locked(import_id)
    if row.state in (ImportState.UNDOING, ImportState.UNDONE):
        raise ConflictError(f"The import {row.pk} is {row.get_state_display().lower()} already.")
    return row


def _close(saga: Saga) -> None:
    """Nothing comes into it any more, and everybody sees that it goes."""
    row = _live(saga.aggregate_id)  # another command may have closed it since this saga began
    refuse_built_on(row, even_changed=saga.data["even_changed"])
    at = timezone.now()
    saga.data |= {"at": at.isoformat(), "state": row.state, "outbox_from": last_effect()}
    row.state = ImportState.UNDOING
    row.save(update_fields=["state"])
    _wait_long()
    for rows in (runs_of(row), experiments_of(row)):
        rows.update(lifecycle=Lifecycle.PURGING, deleted_at=Coalesce("deleted_at", Value(at)))
    datasets_of(row).update(lifecycle=Lifecycle.PURGING)


def _reopen(saga: Saga) -> None:
    row = _locked(saga.aggregate_id)
    row.state = ImportState(saga.data["state"])
    row.save(update_fields=["state"])
    _wait_long()
    at = dt.datetime.fromisoformat(saga.data["at"])
    for rows in (runs_of(row), experiments_of(row)):
        rows.filter(deleted_at=at).update(lifecycle=Lifecycle.ACTIVE, deleted_at=None)
        rows.filter(lifecycle=Lifecycle.PURGING).update(lifecycle=Lifecycle.DELETED)
    datasets_of(row).update(lifecycle=Lifecycle.ACTIVE)


def _purge(saga: Saga) -> object:
    """What depends on others goes first: registered models, runs, logged models, experiments, datasets."""
    row = _locked(saga.aggregate_id)
    for purge in (_registered, _runs, _logged, _experiments):
        if purge(row):
            return AGAIN
    for dataset in datasets_of(row):
        dataset.delete()
        record(action="dataset.purge", subject_id=dataset.name)
    row.state, row.ended_at = ImportState.UNDONE, timezone.now()
    row.save(update_fields=["state", "ended_at"])
    record(action="import.undo", subject_id=str(row.pk), details={"place": row.place})
    saga.data |= {"outbox_to": last_effect()}
    return None


def _registered(row: Import) -> int:
    batch = list(registered_models_of(row).select_for_update(of=("self",)).order_by("pk")[:BATCH])
    for model in batch:
        Deployment.objects.filter(version__model=model).delete()
        model.delete()
        record(action="model.purge", subject_id=model.name)
    return len(batch)


def _runs(row: Import) -> int:
    locked = runs_of(row).select_for_update(of=("self",)).select_related("experiment")
    batch = list(locked.order_by("pk")[:BATCH])
    if batch:
        purge_runs(batch)
    return len(batch)


def _logged(row: Import) -> int:
    batch = list(logged_models_of(row).select_for_update(of=("self",)).order_by("pk")[:BATCH])
    if batch:
        purge_logged_models(batch)
    return len(batch)


def _experiments(row: Import) -> int:
    batch = list(experiments_of(row).select_for_update(of=("self",)).order_by("pk")[:BATCH])
    for experiment in batch:
        bury_experiment(experiment)
    return len(batch)


def _wait_long() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{SECONDS}s'")


UNDO = declare(
    SagaKind(
        "import.undo",
        (Step("close", _close, _reopen), Step("purge", _purge), Step("deliver", check=delivered)),
        pivot="purge",
    )
)
