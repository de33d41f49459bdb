"""Finding and locking a run's row, for the services that change it."""

from registry import signals
from registry.enums import Lifecycle
from registry.exceptions import NotFoundError, in_the_bin
from registry.fields import HEX_ID
from registry.models import Metric, TrainingRun


def find_run(run_id: str) -> TrainingRun:
    """The run with this public id.

    Raises:
        NotFoundError: there is none, or the id is malformed.
    """
    run = TrainingRun.objects.filter(run_id=run_id).first() if HEX_ID.fullmatch(run_id) else None
    if run is None:
        raise NotFoundError(f"There is no run with id {run_id!r}.")
    return run


def lock_run(run_id: str, *, even_deleted: bool = False) -> TrainingRun:
    """The run, its row locked until the transaction ends.

    Raises:
        NotFoundError: there is none.
        ConflictError: it is in the bin, or its experiment is.
    """
    rows = TrainingRun.objects.select_for_update(of=("self",)).select_related("experiment", "dataset")
    run = rows.filter(run_id=run_id).first() if HEX_ID.fullmatch(run_id) else None
    if run is None:
        raise NotFoundError(f"There is no run with id {run_id!r}.")
    if run.lifecycle != Lifecycle.ACTIVE and not even_deleted:
        raise in_the_bin("run", run_id)
    if run.experiment.lifecycle != Lifecycle.ACTIVE and not even_deleted:
        raise in_the_bin("run", run_id, "Restore its experiment first.")
    return run


def bump(run: TrainingRun, *fields: str) -> None:
    """Save these fields as the run's next version, and tell of it after the commit."""
    run.version += 1
    run.save(update_fields=[*fields, "version", "updated_at"])
    signals.announce(signals.run_changed, run_id=run.run_id)


def touch(run: TrainingRun) -> None:
    """Say that something beside the run's body was added to it: no version, but pages that follow see it."""
    run.save(update_fields=["updated_at"])
    signals.announce(signals.run_changed, run_id=run.run_id)


def latest_metrics(run: TrainingRun) -> dict[str, float]:
    """The latest value of each metric."""
    return dict(Metric.objects.filter(run=run).values_list("key", "latest_value"))
