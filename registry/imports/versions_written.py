"""Versions of registered models in the second pass, and what they are made of."""

from collections.abc import Iterable, Mapping, Sequence

from registry.models import (
    ImportedItem,
    LoggedModel,
    ModelVersion,
    ModelVersionTag,
    RegisteredModel,
    TrainingRun,
)

from .book import Book
from .records import ImportedModelVersion


def write_versions(
    book: Book, model: RegisteredModel, given: Sequence[ImportedModelVersion]
) -> dict[int, ModelVersion]:
    """Versions with their tags, by number, in the running transaction."""
    runs = runs_by_source(book, {version.run_source_id for version in given})
    models = logged_models_by_source(book, {version.logged_model_source_id for version in given})
    rows = {each.number: _version(book, model, each, runs, models) for each in given}
    ModelVersion.objects.bulk_create(rows.values())
    for each in given:
        if each.created_at is not None:
            ModelVersion.objects.filter(pk=rows[each.number].pk).update(created_at=each.created_at)
    ModelVersionTag.objects.bulk_create(
        ModelVersionTag(version=rows[each.number], key=key, value=value)
        for each in given
        for key, value in each.tags.items()
    )
    return rows


def _version(
    book: Book,
    model: RegisteredModel,
    given: ImportedModelVersion,
    runs: Mapping[str, TrainingRun],
    models: Mapping[str, LoggedModel],
) -> ModelVersion:
    return ModelVersion(
        model=model, number=given.number, run=runs.get(given.run_source_id),
        logged_model=models.get(given.logged_model_source_id), artifact_path=given.artifact_path,
        source=given.source, run_link=given.run_link, description=given.description, stage=given.stage,
        status=given.status, status_message=given.status_message, created_by=book.terms.user,
    )  # fmt: skip


def runs_by_source(book: Book, source_ids: Iterable[str]) -> dict[str, TrainingRun]:
    """What runs of the source became, where they are here."""
    ours = _ours(book, "run", source_ids)
    rows = {run.run_id: run for run in TrainingRun.objects.filter(run_id__in=ours.values()).order_by()}
    return {source_id: rows[our_id] for source_id, our_id in ours.items() if our_id in rows}


def logged_models_by_source(book: Book, source_ids: Iterable[str]) -> dict[str, LoggedModel]:
    """The same for logged models."""
    ours = _ours(book, "logged_model", source_ids)
    rows = {each.model_id: each for each in LoggedModel.objects.filter(model_id__in=ours.values()).order_by()}
    return {source_id: rows[our_id] for source_id, our_id in ours.items() if our_id in rows}


def _ours(book: Book, kind: str, source_ids: Iterable[str]) -> dict[str, str]:
    items = ImportedItem.objects.filter(imported_by=book.current, kind=kind, source_id__in=set(source_ids))
    return dict(items.order_by().values_list("source_id", "our_id"))
