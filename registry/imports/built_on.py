"""What people have built on an import since: reasons not to take it back."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet

from registry.enums import DeploymentStatus
from registry.exceptions import ConflictError
from registry.models import (
    DatasetParent,
    Deployment,
    Import,
    LoggedModel,
    ModelVersion,
    RunModel,
    TrainingRun,
)

from .changed import changed_since
from .made import datasets_of, experiments_of, logged_models_of, registered_models_of, runs_of

NAMED = 3
SERVING = (DeploymentStatus.REQUESTED, DeploymentStatus.LIVE)


def refuse_built_on(row: Import, *, even_changed: bool) -> None:
    """Refuse to take back what others need by now.

    Args:
        even_changed: what was only changed, or logged to, is no reason.

    Raises:
        ConflictError: somebody has built on it; says on what.
    """
    reasons = list(_reasons(row))
    if not even_changed:
        reasons += _changed(row)
    if reasons:
        raise ConflictError(f"The import {row.pk} can't be taken back: {'; '.join(reasons)}.")


def _reasons(row: Import) -> Iterator[str]:
    runs, experiments = runs_of(row), experiments_of(row)
    datasets, registered = datasets_of(row), registered_models_of(row)
    others = TrainingRun.objects.exclude(pk__in=runs.values("pk"))
    yield from _named(
        others.filter(experiment__in=experiments), "run_id", "other runs are in its experiments"
    )
    yield from _named(others.filter(parent__in=runs), "run_id", "other runs are children of its runs")
    reading = Q(dataset__in=datasets) | Q(inputs__dataset__in=datasets)
    yield from _named(others.filter(reading).distinct(), "run_id", "other runs read its datasets")
    children = DatasetParent.objects.filter(parent__in=datasets).exclude(child__in=datasets)
    yield from _named(children, "child__name", "other datasets were made from its datasets")
    models = LoggedModel.objects.exclude(pk__in=logged_models_of(row).values("pk"))
    mine = Q(source_run__in=runs) | Q(experiment__in=experiments)
    yield from _named(models.filter(mine), "model_id", "logged models were added to its runs or experiments")
    links = RunModel.objects.filter(model__in=logged_models_of(row)).exclude(run__in=runs)
    yield from _named(links, "run__run_id", "other runs read or made its models")
    versions = ModelVersion.objects.exclude(model__in=registered)
    made_of = Q(run__in=runs) | Q(logged_model__in=logged_models_of(row))
    made_of |= Q(logged_model__source_run__in=runs)
    yield from _named(versions.filter(made_of), "model__name", "model versions were made from its runs")
    serving = Deployment.objects.filter(version__model__in=registered, status__in=SERVING)
    yield from _named(serving, "version__model__name", "its models are deployed")


def _named(rows: QuerySet[Any], field: str, words: str) -> Iterator[str]:
    if found := list(rows.order_by("pk").values_list(field, flat=True)[:NAMED]):
        yield f"{words} ({', '.join(map(str, found))}{', …' if len(found) == NAMED else ''})"


def _changed(row: Import) -> list[str]:
    if not (found := changed_since(row)):
        return []
    names = f"{', '.join(found[:NAMED])}{', …' if len(found) > NAMED else ''}"
    return [f"{len(found):,} were changed since they came ({names}); --even-changed takes them back as well"]
