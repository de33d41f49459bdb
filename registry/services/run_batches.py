"""Logging metrics, params and tags of a run at once, for clients elsewhere."""

from collections.abc import Mapping, Sequence

from django.contrib.auth.models import User
from django.db import transaction

from registry.models import ExperimentPermission, TrainingRun
from registry.queries.permissions import run_for
from registry.sync import run_body
from registry.sync.outbox import only_promised

from .flat_params import store_flat_params
from .metric_samples import MetricSample
from .metrics import log_metrics
from .model_metrics import ModelMetric, record_model_metrics
from .params import claim_space
from .run_rows import bump, lock_run
from .tags import current_tags, store_run_tags

RUN_NAME_TAG = "mlflow.runName"


def log_batch(
    *,
    run_id: str,
    editor: User,
    metrics: Sequence[MetricSample] = (),
    params: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
    model_metrics: Sequence[ModelMetric] = (),
) -> None:
    """Log all of it or nothing; the bodies are left to the relay.

    Metrics alone take one statement.

    Args:
        model_metrics: those of the metrics that tell what a logged model scored.

    Raises:
        NotFoundError: no such run or logged model, or none that the editor may know of.
        ForbiddenError: the editor may not edit it.
        ConflictError: the run is deleted, or a param has another value.
        BadInputError: something can't be stored.
    """
    if model_metrics:
        with only_promised(), transaction.atomic():
            log_batch(run_id=run_id, editor=editor, metrics=metrics, params=params, tags=tags)
            record_model_metrics(run_id=run_id, metrics=model_metrics, editor=editor)
        return
    with only_promised():
        if metrics and not params and not tags:
            log_metrics(run_id=run_id, points=metrics, editor=editor)
            return
        run_for(editor, run_id, level=ExperimentPermission.Level.EDIT)
        with transaction.atomic():
            run = lock_run(run_id)
            _store(run, params or {}, tags or {})
            log_metrics(run_id=run_id, points=metrics)


def _store(run: TrainingRun, params: Mapping[str, str], tags: Mapping[str, str]) -> None:
    leaves = store_flat_params(run=run, params=params) if params else {}
    if not leaves and not tags:
        return
    if leaves:
        claim_space(run, leaves)
    if tags:
        store_run_tags(run=run, tags=tags)
        if name := tags.get(RUN_NAME_TAG):
            run.name = name
    bump(run, "name", "body_bytes")
    if leaves:
        run_body.promise_leaves(run=run, leaves=leaves)
    if tags:
        run_body.promise_tags(run=run, tags=current_tags(run))
