"""Deleting runs, experiments and datasets for good, from every store: sagas of three steps.

``close`` (nothing new comes in), ``purge`` (the rows, a batch a transaction; from the first batch on
there is no way back), ``deliver`` (the other stores have followed).
"""

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from registry.enums import Lifecycle, OutboxStatus
from registry.exceptions import ConflictError, StoreUnavailableError
from registry.models import (
    Dataset,
    DualWrite,
    Experiment,
    LoggedModel,
    ModelVersion,
    OutboxEntry,
    Saga,
    TrainingRun,
)
from registry.sync import saga_engine
from registry.sync.audit import record
from registry.sync.delivery import deliver
from registry.sync.purge_rows import bury, purge_logged_models, purge_runs
from registry.sync.saga_kinds import AGAIN, Action, SagaKind, Step, declare

from .datasets import find_dataset
from .experiments import find_experiment
from .run_rows import lock_run

BATCH = 50
OWNERS = 200


def purge_run(*, run_id: str, user: User | None = None) -> Saga:
    """Delete a run for good, with its metrics, body, artifacts, cached copies and place on leaderboards.

    Returns:
        The saga; done, or still running where a store is away.

    Raises:
        NotFoundError: there is no such run.
        ConflictError: a model version was made from it.
    """
    with transaction.atomic():
        run = lock_run(run_id, even_deleted=True)
        _refuse_models(TrainingRun.objects.filter(pk=run.pk))
        saga = saga_engine.begin(PURGE_RUN, aggregate_id=run_id, user=user)
    return saga_engine.advance(saga.saga_id)


def purge_experiment(*, experiment_id: str, user: User | None = None) -> Saga:
    """Delete an experiment for good, with its runs and everything of theirs.

    Raises:
        NotFoundError: there is no such experiment.
        ConflictError: a model version was made from one of its runs.
    """
    with transaction.atomic():
        experiment = find_experiment(experiment_id)
        _refuse_models_of(experiment)
        saga = saga_engine.begin(PURGE_EXPERIMENT, aggregate_id=experiment_id, user=user)
    return saga_engine.advance(saga.saga_id)


def purge_dataset(*, name: str, with_runs: bool = False, user: User | None = None) -> Saga:
    """Delete a dataset for good.

    Args:
        with_runs: delete the runs that were trained on it, too; else they are a reason to refuse.

    Raises:
        NotFoundError: there is no such dataset.
        ConflictError: runs, datasets or model versions depend on it.
    """
    with transaction.atomic():
        _refuse_dependents(find_dataset(name), with_runs=with_runs)
        data = {"with_runs": with_runs}
        saga = saga_engine.begin(PURGE_DATASET, aggregate_id=name, data=data, user=user)
    return saga_engine.advance(saga.saga_id)


def _close_run(saga: Saga) -> None:
    run = lock_run(saga.aggregate_id, even_deleted=True)
    _refuse_models(TrainingRun.objects.filter(pk=run.pk))
    _close(saga, run)


def _close_experiment(saga: Saga) -> None:
    experiment = Experiment.objects.select_for_update(of=("self",)).get(experiment_id=saga.aggregate_id)
    _refuse_models_of(experiment)
    _close(saga, experiment)


def _close_dataset(saga: Saga) -> None:
    dataset = Dataset.objects.select_for_update(of=("self",)).get(name=saga.aggregate_id)
    _refuse_dependents(dataset, with_runs=saga.data["with_runs"])
    _close(saga, dataset)


def _close(saga: Saga, row: TrainingRun | Experiment | Dataset) -> None:
    if row.lifecycle == Lifecycle.PURGING:
        raise ConflictError("It is being purged already.")
    saga.data |= {"lifecycle": row.lifecycle, "outbox_from": last_effect()}
    row.lifecycle = Lifecycle.PURGING
    if isinstance(row, Dataset):
        row.save(update_fields=["lifecycle"])
        return
    row.deleted_at = row.deleted_at or timezone.now()
    row.save(update_fields=["lifecycle", "deleted_at"])


def _reopen(rows: "QuerySet[TrainingRun] | QuerySet[Experiment]", saga: Saga) -> None:
    lifecycle = saga.data["lifecycle"]
    if lifecycle == Lifecycle.ACTIVE:
        rows.update(lifecycle=lifecycle, deleted_at=None)
    else:
        rows.update(lifecycle=lifecycle)


def _purge_run(saga: Saga) -> None:
    _purge_batch(TrainingRun.objects.filter(run_id=saga.aggregate_id))
    _end(saga)


def _purge_experiment(saga: Saga) -> object:
    runs = TrainingRun.objects.filter(experiment__experiment_id=saga.aggregate_id)
    if _purge_batch(runs):
        return AGAIN
    # Waits for whoever is starting a run in it right now.
    experiment = Experiment.objects.select_for_update(of=("self",)).get(experiment_id=saga.aggregate_id)
    if runs.exists() or _purge_models(experiment):
        return AGAIN
    bury_experiment(experiment)
    _end(saga)
    return None


def bury_experiment(experiment: Experiment) -> None:
    """Delete an empty experiment, which the caller has locked, with its body."""
    bury(
        collection="experiments",
        document_id=experiment.experiment_id,
        owner_id=experiment.experiment_id,
        version=experiment.version + 1,
        rest={"name": experiment.name},
    )
    DualWrite.objects.filter(scope=experiment.experiment_id).delete()
    experiment.delete()
    record(
        action="experiment.purge",
        subject_id=experiment.experiment_id,
        details={"name": experiment.name},
    )


def _purge_dataset(saga: Saga) -> object:
    dataset = Dataset.objects.get(name=saga.aggregate_id)
    runs = TrainingRun.objects.reading(dataset)
    if _purge_batch(runs):
        return AGAIN
    dataset = Dataset.objects.select_for_update(of=("self",)).get(pk=dataset.pk)
    if runs.exists():
        return AGAIN
    dataset.delete()
    record(action="dataset.purge", subject_id=saga.aggregate_id)
    _end(saga)
    return None


def _purge_batch(runs: QuerySet[TrainingRun]) -> int:
    pks = list(runs.order_by("pk").values_list("pk", flat=True)[:BATCH])
    locked = TrainingRun.objects.select_for_update(of=("self",)).select_related("experiment")
    batch = list(locked.filter(pk__in=pks).order_by("pk"))
    if batch:
        purge_runs(batch)
    return len(batch)


def _purge_models(experiment: Experiment) -> int:
    """Those that no run made; a run's go with it."""
    models = LoggedModel.objects.select_for_update(of=("self",)).filter(experiment=experiment)
    batch = list(models.order_by("pk")[:BATCH])
    if batch:
        purge_logged_models(batch)
    return len(batch)


def _end(saga: Saga) -> None:
    saga.data |= {"outbox_to": last_effect()}


def delivered(saga: Saga) -> None:
    """Deliver what the purge has promised, as far as the stores are there."""
    between = (saga.data["outbox_from"], saga.data["outbox_to"])
    waiting = OutboxEntry.objects.filter(id__range=between, status=OutboxStatus.DUE)
    while owners := set(waiting.order_by("id").values_list("aggregate_id", flat=True)[:OWNERS]):
        if not deliver(owners):
            raise StoreUnavailableError(f"{waiting.count()} effects wait for their stores.")


def _refuse_models(runs: QuerySet[TrainingRun]) -> None:
    _refuse_versions(ModelVersion.objects.filter(Q(run__in=runs) | Q(logged_model__source_run__in=runs)))


def _refuse_versions(versions: QuerySet[ModelVersion]) -> None:
    versions = versions.select_related("model")[:3]
    if found := ", ".join(f"{version.model.name} version {version.number}" for version in versions):
        raise ConflictError(f"Model versions were made from it: {found}. Delete those first.")


def _refuse_models_of(experiment: Experiment) -> None:
    _refuse_models(TrainingRun.objects.filter(experiment=experiment))
    _refuse_versions(ModelVersion.objects.filter(logged_model__experiment=experiment))


def _refuse_dependents(dataset: Dataset, *, with_runs: bool) -> None:
    children = ", ".join(dataset.children.values_list("name", flat=True)[:3])
    if children:
        raise ConflictError(f"Datasets were made from {dataset.name!r}: {children}. Purge those first.")
    runs = TrainingRun.objects.reading(dataset)
    if not with_runs and (count := runs.count()):
        raise ConflictError(f"{count} runs were trained on {dataset.name!r}. Purge them first, or with it.")
    _refuse_models(runs)


def last_effect() -> int:
    """The newest outbox row; a saga keeps it before and after, for :func:`delivered`."""
    return OutboxEntry.objects.aggregate(last=Max("id"))["last"] or 0


def _reopen_run(saga: Saga) -> None:
    _reopen(TrainingRun.objects.filter(run_id=saga.aggregate_id), saga)


def _reopen_experiment(saga: Saga) -> None:
    _reopen(Experiment.objects.filter(experiment_id=saga.aggregate_id), saga)


def _reopen_dataset(saga: Saga) -> None:
    Dataset.objects.filter(name=saga.aggregate_id).update(lifecycle=saga.data["lifecycle"])


def _kind(name: str, close: Step, purge: Action) -> SagaKind:
    steps = (close, Step("purge", purge), Step("deliver", check=delivered))
    return declare(SagaKind(name, steps, pivot="purge"))


PURGE_RUN = _kind("run.purge", Step("close", _close_run, _reopen_run), _purge_run)
PURGE_EXPERIMENT = _kind(
    "experiment.purge", Step("close", _close_experiment, _reopen_experiment), _purge_experiment
)
PURGE_DATASET = _kind("dataset.purge", Step("close", _close_dataset, _reopen_dataset), _purge_dataset)
