"""What an import made, as conditions on the rows of each kind: by primary key, since a name comes again."""

from typing import Any

from django.db.models import QuerySet

from registry.models import (
    Dataset,
    Experiment,
    Import,
    ImportedItem,
    LoggedModel,
    RegisteredModel,
    TrainingRun,
)


def runs_of(row: Import) -> QuerySet[TrainingRun]:
    """Runs that it made and that are still here."""
    return TrainingRun.objects.filter(pk__in=_keys(row, "run"))


def logged_models_of(row: Import) -> QuerySet[LoggedModel]:
    """Logged models that it made."""
    return LoggedModel.objects.filter(pk__in=_keys(row, "logged_model"))


def experiments_of(row: Import) -> QuerySet[Experiment]:
    """Experiments that it made, not those that it joined."""
    return Experiment.objects.filter(pk__in=_keys(row, "experiment"))


def datasets_of(row: Import) -> QuerySet[Dataset]:
    """Datasets that it made."""
    return Dataset.objects.filter(pk__in=_keys(row, "dataset"))


def registered_models_of(row: Import) -> QuerySet[RegisteredModel]:
    """Registered models that it made."""
    return RegisteredModel.objects.filter(pk__in=_keys(row, "registered_model"))


def _keys(row: Import, kind: str) -> QuerySet[ImportedItem, Any]:
    items = ImportedItem.objects.filter(imported_by=row, kind=kind, is_new=True, our_pk__isnull=False)
    return items.order_by().values("our_pk")
